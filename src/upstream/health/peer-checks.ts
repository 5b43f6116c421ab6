// What all checks of a zone have come to: which of its peers are out.
import type { ByteString } from '../../conf/directive.ts';
import { afterCheck, type CheckRules, type CheckState } from './check-state.ts';

/** Peers that names have stood for come and go; what is known of more is dropped, the oldest first. */
const MAX_PEERS = 4096;

const NONE: readonly CheckState[] = [];

export class PeerChecks {
  /** When the configuration was read; the system's clock. */
  bornMs = 0;
  readonly #rules: CheckRules[] = [];
  readonly #states = new Map<ByteString, readonly CheckState[]>();

  add(rules: CheckRules): void {
    this.#rules.push(rules);
  }

  get isUsed(): boolean {
    return this.#rules.length > 0;
  }

  /** For a status page, and for others. */
  of(peer: ByteString): readonly CheckState[] {
    return this.#states.get(peer) ?? NONE;
  }

  /** Any check is enough to turn a peer away. */
  isOut(peer: ByteString): boolean {
    return this.#rules.some((rules) => !this.isHealthy(peer, rules));
  }

  isHealthy(peer: ByteString, rules: CheckRules): boolean {
    return this.#state(peer, rules)?.isHealthy ?? !rules.mandatory;
  }

  knows(peer: ByteString, rules: CheckRules): boolean {
    return this.#state(peer, rules) !== undefined;
  }

  record(peer: ByteString, rules: CheckRules, passed: boolean, nowMs: number): void {
    const fresh = afterCheck(rules, this.#state(peer, rules), passed, nowMs);
    this.keep(peer, [...this.of(peer).filter(({ id }) => id !== rules.id), fresh]);
  }

  /** What others have found out. */
  keep(peer: ByteString, states: readonly CheckState[]): void {
    const known = states.filter(({ id }) => this.#rules.some((rules) => rules.id === id));
    this.#states.delete(peer);
    if (known.length === 0) return;
    this.#states.set(peer, known);
    const [oldest] = this.#states.keys();
    if (this.#states.size > MAX_PEERS && oldest !== undefined) this.#states.delete(oldest);
  }

  forget(peer: ByteString): void {
    this.#states.delete(peer);
  }

  #state(peer: ByteString, { id, mandatory, persistent }: CheckRules): CheckState | undefined {
    const state = this.of(peer).find((one) => one.id === id);
    const isOfOther = mandatory && !persistent && state !== undefined && state.checkedMs < this.bornMs;
    return isOfOther ? undefined : state;
  }
}
