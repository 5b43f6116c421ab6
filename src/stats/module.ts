// What a configuration says of counting: whether there is something that shows it, and the names of what is counted.
import type { ByteString } from '../conf/directive.ts';
import { defineCoreModule } from '../module/core-module.ts';

export class StatsConf {
  /** Without anything that shows it nothing is counted. */
  isShown = false;
  /** There is something that shows how it was during the last hour. */
  isRemembered = false;
  readonly #protocols = new Map<ByteString, string>();

  /** @returns false: servers of another protocol have that name */
  claims(zone: ByteString, protocol: string): boolean {
    const known = this.#protocols.get(zone) ?? protocol;
    this.#protocols.set(zone, known);
    return known === protocol;
  }
}

/** Its struct is there from the beginning, for the directives of every block. */
export const statsModule = defineCoreModule<StatsConf, StatsConf>({
  name: 'stats',
  directives: [],
  createConf: () => new StatsConf(),
  initConf: (conf) => conf,
});
