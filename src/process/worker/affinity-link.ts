// A worker's part in affinity: asks its master where users belong.
import type { ByteString } from '../../conf/directive.ts';
import type { AffinityRules } from '../../upstream/affinity/table.ts';
import type { AffinityStep, RemoteAffinity } from '../../upstream/affinity/zone.ts';
import type { AffinityAnswer } from '../messages.ts';
import type { Tell } from './session-link.ts';

/** A login waits no longer for an answer, and goes where it would without. */
const ANSWER_MS = 500;
/** Logins that wait for an answer; beyond, the master does not keep up. */
const MAX_ASKS = 1000;

interface Ask {
  readonly timer: NodeJS.Timeout;
  readonly done: (server: ByteString | undefined) => void;
}

export class AffinityLink implements RemoteAffinity {
  readonly #tell: Tell;
  readonly #asks = new Map<number, Ask>();
  #lastAsk = 0;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  join(zone: ByteString): void {
    this.#tell({ kind: 'join-affinity', zone }, () => {});
  }

  claim(
    zone: ByteString,
    user: ByteString,
    server: ByteString,
    rules: AffinityRules,
    done: (server: ByteString | undefined) => void,
  ): void {
    if (this.#asks.size >= MAX_ASKS) {
      done(undefined);
      return;
    }
    const ask = ++this.#lastAsk;
    this.#asks.set(ask, { timer: setTimeout(() => this.#answer(ask, undefined), ANSWER_MS), done });
    this.#tell({ kind: 'affinity', zone, user, server, rules, step: 'claim', ask }, () => {});
  }

  tell(zone: ByteString, user: ByteString, server: ByteString, rules: AffinityRules, step: AffinityStep): void {
    this.#tell({ kind: 'affinity', zone, user, server, rules, step, ask: 0 }, () => {});
  }

  receive({ ask, server }: AffinityAnswer): void {
    this.#answer(ask, server);
  }

  lost(): void {
    for (const ask of [...this.#asks.keys()]) this.#answer(ask, undefined);
  }

  #answer(ask: number, server: ByteString | undefined): void {
    const asked = this.#asks.get(ask);
    if (asked === undefined) return;
    this.#asks.delete(ask);
    clearTimeout(asked.timer);
    asked.done(server);
  }
}
