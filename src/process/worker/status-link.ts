// A worker's part in what is counted: counts itself, and asks its master for what the others have.
import { type ConnectionCounts, noCounts, sumOf } from '../../core/connection-counts.ts';
import { StatsRegistry } from '../../stats/registry.ts';
import type { Sample } from '../../stats/samples.ts';
import {
  activity,
  type Condition,
  type Everything,
  nothingCounted,
  type ProcessReport,
  type ServerStatus,
  sumOfCounts,
} from '../../stats/status.ts';
import type { CountsAnswer } from '../messages.ts';
import { HistoryLink } from './history-link.ts';
import type { Tell } from './session-link.ts';

/** A status page waits no longer for the others, and shows what was known of them. */
export const ANSWER_MS = 1000;
/** How often the master hears of the numbers, and how old those of others may become. */
const FRESH_MS = 1000;

export class StatusLink implements ServerStatus {
  readonly own = noCounts();
  readonly registry = new StatsRegistry();
  condition: () => Condition = () => 'serving';
  readonly history: HistoryLink;
  readonly #tell: Tell;
  readonly #slot: number;
  /** Other workers, and what those that have ended have counted. */
  #others: Everything = {
    total: nothingCounted(),
    processes: [],
    history: { respawned: 0, reloads: 0, loadedMs: Date.now() },
  };
  #lastAsk = 0;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  /** Who waits for the answer to the last question. */
  #waiting: (() => void)[] = [];
  /** Who came later: what they have to see was not in that question. */
  #next: (() => void)[] = [];
  /** Of this process, as the master knows it. */
  #told: ProcessReport | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reports: NodeJS.Timeout | undefined;
  /** What had been counted at the last report. */
  #reported = 0;
  #lost = false;

  constructor(tell: Tell, slot: number) {
    this.#tell = tell;
    this.#slot = slot;
    this.history = new HistoryLink(tell);
  }

  /** One question at a time is under way, however many want to know. */
  all(): Promise<Everything> {
    if (this.#lost) return Promise.resolve(this.#everything);
    return new Promise((resolve) => {
      const done = (): void => resolve(this.#everything);
      if (this.#timer === undefined) {
        this.#waiting.push(done);
        this.#ask();
      } else this.#next.push(done);
    });
  }

  recent(): Readonly<ConnectionCounts> {
    if (!this.#lost && this.#timer === undefined && Date.now() - this.#askedAtMs > FRESH_MS) this.#ask();
    return sumOf(this.own, this.#others.total.connections);
  }

  keep(): void {
    this.#reports ??= setInterval(() => {
      if (activity(this.#report) !== this.#reported) this.report();
    }, FRESH_MS).unref();
  }

  remember(): void {
    this.history.keep();
  }

  past(): Promise<readonly Sample[]> {
    return this.history.find();
  }

  /** Also last of all: a worker that has ended is counted still. */
  report(): void {
    const report = this.#report;
    this.#reported = activity(report);
    this.#tell({ kind: 'counts', ask: 0, report }, () => {});
  }

  receive(message: CountsAnswer): void {
    if (message.kind === 'count') this.#tell({ kind: 'counts', ask: message.ask, report: this.#report }, () => {});
    else if (message.ask === this.#lastAsk) this.#answered(message.others);
  }

  /** The master is gone: from here on nobody waits for it. */
  lost(): void {
    this.#lost = true;
    this.history.lost();
    this.#told = undefined;
    clearInterval(this.#reports);
    this.#answered(this.#others);
  }

  get #report(): ProcessReport {
    return {
      connections: this.own,
      blocks: this.registry.blocks,
      pid: process.pid,
      slot: this.#slot,
      condition: this.condition(),
    };
  }

  /**
   * What the master does not know yet is not in it: if this process is killed, nobody will have seen a counter that
   * is larger than the sum of those that are left.
   */
  get #everything(): Everything {
    const { total, processes, history } = this.#others;
    const report = this.#told ?? this.#report;
    return { total: sumOfCounts(report, total), processes: [report, ...processes], history };
  }

  #ask(): void {
    this.#askedAtMs = Date.now();
    this.#lastAsk++;
    this.#timer = setTimeout(() => this.#answered(this.#others), ANSWER_MS).unref();
    const report = this.#report;
    this.#told = { ...report, ...sumOfCounts(nothingCounted(), report) }; // a copy: it goes on counting
    this.#tell({ kind: 'find-counts', ask: this.#lastAsk, report }, () => {});
  }

  #answered(others: Everything): void {
    this.#others = others;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const done of this.#waiting.splice(0)) done();
    if (this.#next.length === 0) return;
    this.#waiting = this.#next;
    this.#next = [];
    if (this.#lost) this.#answered(others);
    else this.#ask();
  }
}
