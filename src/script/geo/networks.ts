// Values of networks; of those that an address is in, the smallest one counts.
import type { ByteString } from '../../conf/directive.ts';

export interface Network {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly bits: number;
}

/** Networks of one size. */
interface Size {
  readonly bits: number;
  readonly values: Map<string, ByteString>;
}

export class Networks {
  /** By the number of bytes of an address; the smallest networks first. */
  readonly #sizes: ReadonlyMap<number, Size[]> = new Map([
    [4, []],
    [16, []],
  ]);

  /** @returns the value that it had */
  set({ address, bits }: Network, value: ByteString): ByteString | undefined {
    const sizes = this.#sizes.get(address.length) ?? [];
    let size = sizes.find((known) => known.bits === bits);
    if (size === undefined) {
      size = { bits, values: new Map() };
      sizes.push(size);
      sizes.sort((a, b) => b.bits - a.bits);
    }
    const key = keyOf(address, bits);
    const old = size.values.get(key);
    size.values.set(key, value);
    return old;
  }

  /** @returns false: there is no such network */
  delete({ address, bits }: Network): boolean {
    const size = this.#sizes.get(address.length)?.find((known) => known.bits === bits);
    return size?.values.delete(keyOf(address, bits)) ?? false;
  }

  get isEmpty(): boolean {
    return [...this.#sizes.values()].every((sizes) => sizes.length === 0);
  }

  find(address: Uint8Array): ByteString | undefined {
    for (const { bits, values } of this.#sizes.get(address.length) ?? []) {
      const value = values.get(keyOf(address, bits));
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

/** The bits that count, one byte a character. */
function keyOf(address: Uint8Array, bits: number): string {
  const whole = bits >> 3;
  const rest = bits & 7;
  let key = '';
  for (let i = 0; i < whole; i++) key += String.fromCharCode(address[i] ?? 0);
  return rest === 0 ? key : key + String.fromCharCode((address[whole] ?? 0) & (0xff00 >> rest));
}
