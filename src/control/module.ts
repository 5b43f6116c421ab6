// What a configuration says of control: whether there is something that sessions are seen and steered by.
import { defineCoreModule } from '../module/core-module.ts';

interface ControlConf {
  /** Without it no process keeps a directory of its sessions. */
  isUsed: boolean;
}

/** Its struct is there from the beginning, for the directives of every block. */
export const controlModule = defineCoreModule<ControlConf, ControlConf>({
  name: 'control',
  directives: [],
  createConf: () => ({ isUsed: false }),
  initConf: (conf) => conf,
});
