// A worker's part in spreading connections: with more sessions than its share it leaves new ones to the other workers.

export interface Gate {
  shut(): void;
  open(): void;
}

/**
 * @param begun sessions since the start
 * @param waits the gate is shut: the master is to say when it may open again
 */
export type ReportLoad = (sessions: number, begun: number, waits: boolean) => void;

/** A worker may be ahead of its share by a quarter, and by this many, so that bursts meet all of them. */
const LEAD = 8;
/** How often the master hears how many sessions there are, while that changes. */
const REPORT_MS = 50;
/** Or after so many new ones. */
const REPORT_BEGUN = 32;
/** What the master said about new sessions holds for so long: if it says no more, the others have none to begin. */
const LIMIT_MS = 250;
/** So often a shut gate is opened for a moment: somebody may be waiting for workers that are busy, or stuck. */
const PROBE_MS = 100;
/** After so many times without anybody, and without news of the other workers, it is done less often. */
const QUIET_PROBES = 50;
const QUIET_PROBE_MS = 1000;
/** The most connections that such a moment may bring. */
const MAX_PROBE = 1024;

/** The most sessions with which a worker still accepts, where the average is `share`. */
export const ceilingOf = (share: number): number => share * 1.25 + LEAD;

export class FairShare {
  readonly #gate: Gate;
  readonly #report: ReportLoad;
  #sessions = 0;
  #reported = 0;
  #ceiling = ceilingOf(0);
  #begun = 0;
  #begunReported = 0;
  /** With so many begun it is ahead of the others, as of `#limitMs`. */
  #limit = Number.POSITIVE_INFINITY;
  #limitMs = 0;
  #probe: NodeJS.Timeout | undefined;
  /** Moments in a row that brought nobody. */
  #quiet = 0;
  /** In the moment at hand; undefined: there is none. */
  #taken: number | undefined;
  /** How many a moment may bring: more while they bring so many, as nobody else takes them then. */
  #allowed = 1;
  #timer: NodeJS.Timeout | undefined;
  readonly #now: () => number;
  #over = false;

  /** @param now milliseconds that are never set back */
  constructor(gate: Gate, report: ReportLoad, now = (): number => performance.now()) {
    this.#gate = gate;
    this.#report = report;
    this.#now = now;
  }

  /** The worker has so many sessions now. */
  count(sessions: number): void {
    if (sessions > this.#sessions) {
      this.#begun++;
      if (this.#taken !== undefined) this.#taken++;
    }
    this.#sessions = sessions;
    this.#weigh();
    if (this.#over) return;
    if (this.#begun - this.#begunReported >= REPORT_BEGUN) this.#tell();
    if (this.#timer !== undefined || sessions === this.#reported) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#over && this.#sessions !== this.#reported) this.#tell();
    }, REPORT_MS).unref();
  }

  /**
   * The master says how many sessions a worker has on average.
   * @param upTo with so many begun this one is ahead of the others
   */
  share(sessions: number, upTo: number): void {
    if (this.#over) return;
    this.#ceiling = ceilingOf(sessions);
    this.#limit = upTo;
    this.#limitMs = this.#now();
    this.#disturbed();
    this.#weigh();
  }

  /** The master is gone, or this worker accepts no more. */
  end(): void {
    this.#over = true;
    this.#ceiling = Number.POSITIVE_INFINITY;
    this.#limit = Number.POSITIVE_INFINITY;
    clearTimeout(this.#timer);
    this.#weigh();
  }

  #weigh(): void {
    const shut = this.#sessions > this.#ceiling || this.#isAhead;
    if (shut === (this.#probe !== undefined)) return;
    if (shut) {
      this.#gate.shut();
      this.#allowed = 1;
      this.#quiet = 0;
      this.#lookEvery(PROBE_MS);
      this.#tell();
    } else {
      clearInterval(this.#probe);
      this.#probe = undefined;
      this.#gate.open();
    }
  }

  get #isAhead(): boolean {
    return this.#begun >= this.#limit && this.#now() - this.#limitMs < LIMIT_MS;
  }

  #look(): void {
    if (this.#taken !== undefined) return;
    this.#weigh();
    if (this.#probe === undefined) return;
    this.#taken = 0;
    this.#gate.open();
    this.#turn(0);
  }

  /** One turn of the loop brings one connection, if one waits. */
  #turn(before: number): void {
    setImmediate(() => {
      const taken = this.#taken ?? 0;
      if (taken > before && taken < this.#allowed) {
        this.#turn(taken);
        return;
      }
      this.#taken = undefined;
      this.#gate.shut();
      if (taken === 0) {
        this.#allowed = 1;
        if (++this.#quiet === QUIET_PROBES && this.#probe !== undefined) this.#lookEvery(QUIET_PROBE_MS);
        return;
      }
      if (taken >= this.#allowed) this.#allowed = Math.min(2 * this.#allowed, MAX_PROBE);
      this.#disturbed();
    });
  }

  #lookEvery(ms: number): void {
    clearInterval(this.#probe);
    this.#probe = setInterval(() => this.#look(), ms).unref();
  }

  /** Something happens, here or elsewhere. */
  #disturbed(): void {
    if (this.#quiet >= QUIET_PROBES && this.#probe !== undefined) this.#lookEvery(PROBE_MS);
    this.#quiet = 0;
  }

  #tell(): void {
    this.#reported = this.#sessions;
    this.#begunReported = this.#begun;
    this.#report(this.#sessions, this.#begun, this.#probe !== undefined);
  }
}
