// The master's part in control: hands orders to all workers, puts their answers together, and tells new workers what holds.
import type { ByteString } from '../../conf/directive.ts';
import { MAX_HELD } from '../../control/holds.ts';
import {
  type ControlAnswer,
  type ControlOrder,
  isStanding,
  mergeAnswers,
  NO_ANSWER,
  type StandingOrder,
} from '../../control/order.ts';
import type { ControlMessage, ToWorker } from '../messages.ts';
import { GroupChanges } from './group-changes.ts';

/** A worker, of whatever configuration. */
export interface Controlled {
  tell(message: ToWorker): void;
}

interface Poll {
  readonly asker: Controlled;
  /** The asker's number. */
  readonly ask: number;
  readonly order: ControlOrder;
  /** That of the asker. */
  readonly configuration: object;
  readonly waiting: Set<Controlled>;
  readonly answers: ControlAnswer[];
  readonly timer: NodeJS.Timeout;
}

/** A worker that is stuck answers for itself no more; what it was told holds when it can. */
export const POLL_MS = 1000;

export class ControlKeeper {
  /** With what they have in common: their configuration. */
  readonly #workers = new Map<Controlled, object>();
  readonly #polls = new Map<number, Poll>();
  readonly #holds = new Map<ByteString, number>();
  /** By configuration: the next one begins with what its files say. */
  readonly #changes = new WeakMap<object, GroupChanges>();
  readonly #onReset: (block: string) => void;
  #lastPoll = 0;

  /** @param onReset hears which block of counters begins anew */
  constructor(onReset: (block: string) => void = () => {}) {
    this.#onReset = onReset;
  }

  /** @param configuration that of the worker: it has groups of its own */
  join(worker: Controlled, configuration: object): void {
    this.#workers.set(worker, configuration);
    for (const order of this.#standing(configuration)) worker.tell({ kind: 'control', poll: 0, order });
  }

  leave(worker: Controlled): void {
    this.#workers.delete(worker);
    for (const [id, poll] of [...this.#polls]) if (poll.asker === worker) this.#drop(id, poll);
    for (const [id, poll] of [...this.#polls]) this.#heard(id, poll, worker);
  }

  receive(from: Controlled, message: ControlMessage): void {
    if (message.kind === 'control') {
      this.#poll(from, message.ask, message.order);
      return;
    }
    const poll = this.#polls.get(message.poll);
    if (poll === undefined || !poll.waiting.has(from)) return;
    poll.answers.push(message.answer);
    this.#heard(message.poll, poll, from);
  }

  #poll(asker: Controlled, ask: number, order: ControlOrder): void {
    const configuration = this.#workers.get(asker);
    if (configuration === undefined) return;
    if (order.kind === 'reset-counts') this.#onReset(order.block);
    const told = isStanding(order) ? this.#keep(order, configuration) : order;
    if (told === undefined) {
      asker.tell({ kind: 'control-result', ask, answer: { ...NO_ANSWER, isFull: true } });
      return;
    }
    const isOfGroup = isStanding(order) && order.kind !== 'hold';
    const workers = [...this.#workers].filter(([, its]) => !isOfGroup || its === configuration);
    const waiting = new Set(workers.map(([worker]) => worker));
    const id = ++this.#lastPoll;
    const timer = setTimeout(() => this.#finish(id), POLL_MS);
    this.#polls.set(id, { asker, ask, order: told, configuration, waiting, answers: [], timer });
    for (const worker of waiting) worker.tell({ kind: 'control', poll: id, order: told });
  }

  #heard(id: number, { waiting }: Poll, worker: Controlled): void {
    waiting.delete(worker);
    if (waiting.size === 0) this.#finish(id);
  }

  #finish(id: number): void {
    const poll = this.#polls.get(id);
    if (poll === undefined) return;
    this.#drop(id, poll);
    const { asker, ask, order, configuration, waiting, answers } = poll;
    const answer = mergeAnswers(order, answers);
    const isInVain = answer.count === 0 && waiting.size === 0;
    if (isInVain && isStanding(order) && order.kind !== 'hold') this.#changes.get(configuration)?.forget(order);
    asker.tell({ kind: 'control-result', ask, answer });
  }

  #drop(id: number, { timer }: Poll): void {
    this.#polls.delete(id);
    clearTimeout(timer);
  }

  /** @returns what workers are to be told; undefined: there is no room */
  #keep(order: StandingOrder, configuration: object): StandingOrder | undefined {
    if (order.kind === 'hold') return this.#keepHold(order.user, order.untilMs) ? order : undefined;
    const changes = this.#changes.get(configuration) ?? new GroupChanges();
    this.#changes.set(configuration, changes);
    return changes.keep(order);
  }

  #keepHold(user: ByteString, untilMs: number): boolean {
    const nowMs = Date.now();
    if (untilMs <= nowMs) {
      this.#holds.delete(user);
      return true;
    }
    for (const [name, endMs] of this.#holds) if (endMs <= nowMs) this.#holds.delete(name);
    if (!this.#holds.has(user) && this.#holds.size >= MAX_HELD) return false;
    this.#holds.set(user, untilMs);
    return true;
  }

  #standing(configuration: object): StandingOrder[] {
    const nowMs = Date.now();
    const holds = [...this.#holds].filter(([, untilMs]) => untilMs > nowMs);
    return [
      ...holds.map(([user, untilMs]) => ({ kind: 'hold' as const, user, untilMs })),
      ...(this.#changes.get(configuration)?.orders ?? []),
    ];
  }
}
