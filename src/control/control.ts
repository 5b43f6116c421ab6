// How a server sees and steers what all processes do, its own among them.
import { LocalControl } from './local.ts';
import { type LockOut, SoleLockOut } from './lock-out.ts';
import type { ControlAnswer, ControlOrder } from './order.ts';

export interface Control {
  /** Of this process. */
  readonly local: LocalControl;
  /** Who may not try passwords, by all processes. */
  readonly lockOut: LockOut;
  /** All processes that serve carry it out. The answer comes in bounded time, without those that are stuck. */
  ask(order: ControlOrder): Promise<ControlAnswer>;
}

/** Of a process that is alone. */
export class SoleControl implements Control {
  readonly local = new LocalControl();
  readonly lockOut = new SoleLockOut();

  ask(order: ControlOrder): Promise<ControlAnswer> {
    return Promise.resolve(this.local.obey(order));
  }
}
