// What a configuration says of control: where there is something that sessions are seen and steered by.
import type { ByteString } from '../conf/directive.ts';
import type { SocketAddress } from '../core/address.ts';
import { defineCoreModule } from '../module/core-module.ts';

/** A location with an api. */
export interface ApiPlace {
  /** That of the location. */
  readonly path: ByteString;
  readonly write: boolean;
  /** What is the same for all locations of its server; undefined: nothing is below its path. */
  readonly server: object | undefined;
  /** Where its server listens in plain text, when the configuration has been read. */
  addresses(): readonly SocketAddress[];
}

interface ControlConf {
  readonly places: ApiPlace[];
  /** There is something else that shows sessions. Without that or a place no process keeps a directory of its own. */
  isShown: boolean;
}

/** Its struct is there from the beginning, for the directives of every block. */
export const controlModule = defineCoreModule<ControlConf, ControlConf>({
  name: 'control',
  directives: [],
  createConf: () => ({ places: [], isShown: false }),
  initConf: (conf) => conf,
});
