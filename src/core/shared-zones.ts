// The zones of shared memory that a configuration names: one name is one zone, for one use, of one size.
import { type ByteString, type Fault, whole } from '../conf/directive.ts';
import { defineCoreModule } from '../module/core-module.ts';

interface SharedZone {
  readonly use: string;
  /** 0: no directive has said so far. */
  bytes: number;
}

export class SharedZones {
  readonly #zones = new Map<ByteString, SharedZone>();

  /** @param bytes 0: the size stands elsewhere @param use what the zone is for: others may not have it for theirs */
  declare(name: ByteString, bytes: number, use: string): Fault | undefined {
    const known = this.#zones.get(name);
    if (known === undefined) {
      this.#zones.set(name, { use, bytes });
      return undefined;
    }
    if (known.use !== use) return whole(`the shared memory zone "${name}" is already declared for a different use`);
    if (bytes !== 0 && known.bytes !== 0 && bytes !== known.bytes) {
      return whole(
        `the size ${bytes} of shared memory zone "${name}" conflicts with already declared size ${known.bytes}`,
      );
    }
    if (known.bytes === 0) known.bytes = bytes;
    return undefined;
  }

  /** The first zone that no directive gives a size. */
  get withoutSize(): ByteString | undefined {
    for (const [name, { bytes }] of this.#zones) if (bytes === 0) return name;
    return undefined;
  }
}

/** Its struct is there from the beginning, for the directives of every block. */
export const sharedZonesModule = defineCoreModule<SharedZones, SharedZones>({
  name: 'shared zones',
  directives: [],
  createConf: () => new SharedZones(),
  initConf: (zones) => zones,
});
