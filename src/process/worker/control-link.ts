// A worker's part in control: does what its master says, and has it ask all the others.
import type { Control } from '../../control/control.ts';
import { LocalControl } from '../../control/local.ts';
import { type ControlAnswer, type ControlOrder, isChange, NO_ANSWER } from '../../control/order.ts';
import type { ControlCall } from '../messages.ts';
import { LockOutLink } from './lock-out-link.ts';
import type { Tell } from './session-link.ts';

/** Longer than the master waits for the slowest worker. */
export const ANSWER_MS = 3000;

interface Ask {
  readonly order: ControlOrder;
  readonly timer: NodeJS.Timeout;
  readonly answered: (answer: ControlAnswer | Promise<ControlAnswer>) => void;
}

export class ControlLink implements Control {
  readonly local = new LocalControl();
  readonly lockOut: LockOutLink;
  readonly #tell: Tell;
  readonly #asks = new Map<number, Ask>();
  #lastAsk = 0;
  #lost = false;

  constructor(tell: Tell) {
    this.#tell = tell;
    this.lockOut = new LockOutLink(tell);
  }

  ask(order: ControlOrder): Promise<ControlAnswer> {
    if (this.#lost) return Promise.resolve(this.local.obey(order));
    const ask = ++this.#lastAsk;
    return new Promise((answered) => {
      this.#asks.set(ask, { order, timer: setTimeout(() => this.#late(ask), ANSWER_MS), answered });
      this.#tell({ kind: 'control', ask, order }, () => {});
    });
  }

  receive(message: ControlCall): void {
    if (message.kind === 'control-result') {
      this.#take(message.ask)?.answered(message.answer);
      return;
    }
    const answer = this.local.obey(message.order);
    if (answer instanceof Promise) void answer.then((late) => this.#answer(message.poll, late));
    else this.#answer(message.poll, answer);
  }

  #answer(poll: number, answer: ControlAnswer): void {
    if (poll > 0) this.#tell({ kind: 'control-answer', poll, answer }, () => {});
  }

  /** The master is gone: this worker knows of nobody else. */
  lost(): void {
    this.#lost = true;
    this.lockOut.lost();
    for (const ask of [...this.#asks.keys()]) {
      const asked = this.#take(ask);
      asked?.answered(this.local.obey(asked.order));
    }
  }

  /** A change comes when the master is well again, and must not be made twice. */
  #late(ask: number): void {
    const asked = this.#take(ask);
    asked?.answered(isChange(asked.order) ? { ...NO_ANSWER, isLate: true } : this.local.obey(asked.order));
  }

  #take(ask: number): Ask | undefined {
    const asked = this.#asks.get(ask);
    this.#asks.delete(ask);
    clearTimeout(asked?.timer);
    return asked;
  }
}
