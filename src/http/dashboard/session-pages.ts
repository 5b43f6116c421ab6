// The pages of sessions that viewers asked for: the same question is asked once, and few of them at a time.
import type { Control } from '../../control/control.ts';
import type { ControlAnswer } from '../../control/order.ts';
import type { Question } from './question.ts';
import { sessionsPage } from './session-lines.ts';
import type { Viewer } from './viewer.ts';

/** Each makes all processes look through their sessions; who asks something else than so many others waits a round. */
const MAX_QUESTIONS = 4;

export class SessionPages {
  readonly #control: Control;
  /** On their way: what they are about, and whom they are for. */
  readonly #asks = new Map<string, Set<Viewer>>();
  /** Those come first next time. */
  #waiting: readonly Viewer[] = [];

  constructor(control: Control) {
    this.#control = control;
  }

  async show(viewers: readonly Viewer[]): Promise<void> {
    const before = this.#waiting.filter((viewer) => viewers.includes(viewer));
    // Of others, those who are still there.
    this.#waiting = this.#waiting.filter((viewer) => viewer.isFree && !viewers.includes(viewer));
    const asks: Promise<void>[] = [];
    for (const viewer of new Set([...before, ...viewers])) {
      const ask = viewer.question === undefined ? undefined : this.#join(viewer, viewer.question);
      if (ask !== undefined) asks.push(ask);
    }
    await Promise.all(asks);
  }

  /** @returns undefined: it is asked already, or has to wait */
  #join(viewer: Viewer, question: Question): Promise<void> | undefined {
    const key = keyOf(question);
    const under = this.#asks.get(key);
    if (under !== undefined) {
      under.add(viewer);
      return undefined;
    }
    if (this.#asks.size >= MAX_QUESTIONS) {
      this.#waiting = [...this.#waiting, viewer];
      return undefined;
    }
    const viewers = new Set([viewer]);
    this.#asks.set(key, viewers);
    return this.#ask(key, question, viewers);
  }

  async #ask(key: string, { filter, after, limit }: Question, viewers: ReadonlySet<Viewer>): Promise<void> {
    let answer: ControlAnswer;
    try {
      answer = await this.#control.ask({ kind: 'list-sessions', filter, after, limit });
    } finally {
      this.#asks.delete(key);
    }
    for (const viewer of viewers) {
      // It may have asked for others meanwhile.
      const { question } = viewer;
      if (question !== undefined && keyOf(question) === key) viewer.tell(sessionsPage(question, answer));
    }
  }
}

const keyOf = ({ filter, limit, after }: Question): string => JSON.stringify([filter, limit, after]);
