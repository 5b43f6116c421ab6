// The counters of one backend of a group.
import { count, NOW, OWN, RECEIVED, SENT } from './block.ts';
import { HISTOGRAM_SLOTS, type Histogram, histogramOf, observe } from './histogram.ts';

const CONNECTIONS = OWN;
const FAILS = CONNECTIONS + 1;
const UNAVAILABLE = FAILS + 1;
const LOGIN_TIMES = UNAVAILABLE + 1;
const SLOTS = LOGIN_TIMES + HISTOGRAM_SLOTS;

export class PeerCounters {
  readonly values = new Float64Array(SLOTS);

  taken(): void {
    count(this.values, NOW);
    count(this.values, CONNECTIONS);
  }

  /** Nothing was asked of it. */
  putBack(): void {
    count(this.values, NOW, -1);
    count(this.values, CONNECTIONS, -1);
  }

  released(): void {
    count(this.values, NOW, -1);
  }

  /** @param disables it gets nothing more for a while */
  failed(disables: boolean): void {
    count(this.values, FAILS);
    if (disables) count(this.values, UNAVAILABLE);
  }

  /** From dialling to the end of the login. */
  took(ms: number): void {
    observe(this.values, LOGIN_TIMES, ms);
  }
}

/** The counters of a backend as they are read. */
export class PeerNumbers {
  readonly sessions: number;
  readonly received: number;
  readonly sent: number;
  readonly connections: number;
  readonly fails: number;
  readonly unavailable: number;
  readonly loginTimes: Histogram;

  constructor(values: Float64Array = new Float64Array(SLOTS)) {
    const at = (slot: number): number => values[slot] ?? 0;
    this.sessions = at(NOW);
    this.received = at(RECEIVED);
    this.sent = at(SENT);
    this.connections = at(CONNECTIONS);
    this.fails = at(FAILS);
    this.unavailable = at(UNAVAILABLE);
    this.loginTimes = histogramOf(values, LOGIN_TIMES);
  }
}
