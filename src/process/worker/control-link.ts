// A worker's part in control: does what its master says, and has it ask all the others.
import type { Control } from '../../control/control.ts';
import { LocalControl } from '../../control/local.ts';
import type { ControlAnswer, ControlOrder } from '../../control/order.ts';
import type { ControlCall } from '../messages.ts';
import { LockOutLink } from './lock-out-link.ts';
import type { Tell } from './session-link.ts';

/** Longer than the master waits for the slowest worker. */
const ANSWER_MS = 3000;

interface Ask {
  readonly timer: NodeJS.Timeout;
  readonly done: () => void;
}

export class ControlLink implements Control {
  readonly local = new LocalControl();
  readonly lockOut: LockOutLink;
  readonly #tell: Tell;
  readonly #asks = new Map<number, Ask>();
  readonly #answers = new Map<number, ControlAnswer>();
  #lastAsk = 0;
  #lost = false;

  constructor(tell: Tell) {
    this.#tell = tell;
    this.lockOut = new LockOutLink(tell);
  }

  ask(order: ControlOrder): Promise<ControlAnswer> {
    if (this.#lost) return Promise.resolve(this.local.obey(order));
    const ask = ++this.#lastAsk;
    return new Promise((resolve) => {
      const done = (): void => {
        const answer = this.#answers.get(ask);
        this.#answers.delete(ask);
        // Without a master this worker knows of nobody else.
        resolve(answer ?? this.local.obey(order));
      };
      this.#asks.set(ask, { timer: setTimeout(() => this.#answered(ask), ANSWER_MS), done });
      this.#tell({ kind: 'control', ask, order }, () => {});
    });
  }

  receive(message: ControlCall): void {
    if (message.kind === 'control-result') {
      if (this.#asks.has(message.ask)) this.#answers.set(message.ask, message.answer);
      this.#answered(message.ask);
      return;
    }
    const answer = this.local.obey(message.order);
    if (answer instanceof Promise) void answer.then((late) => this.#answer(message.poll, late));
    else this.#answer(message.poll, answer);
  }

  #answer(poll: number, answer: ControlAnswer): void {
    if (poll > 0) this.#tell({ kind: 'control-answer', poll, answer }, () => {});
  }

  /** The master is gone. */
  lost(): void {
    this.#lost = true;
    this.lockOut.lost();
    for (const ask of [...this.#asks.keys()]) this.#answered(ask);
  }

  #answered(ask: number): void {
    const asked = this.#asks.get(ask);
    if (asked === undefined) return;
    this.#asks.delete(ask);
    clearTimeout(asked.timer);
    asked.done();
  }
}
