// The counters of http servers and locations: requests, answers by their status, and bytes.
import { count, NOW, OWN, RECEIVED, SENT } from './block.ts';

/** Status codes that are counted one by one; others only with their class. */
export const COUNTED_CODES: readonly number[] = [
  ...[100, 101, 103, 200, 201, 202, 203, 204, 205, 206, 207, 300, 301, 302, 303, 304, 307, 308],
  ...[400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 423, 424],
  ...[426, 428, 429, 431, 444, 451, 494, 495, 496, 497, 499, 500, 501, 502, 503, 504, 505, 506, 507, 508, 511],
];
/** 1xx to 5xx. */
export const CLASSES = [1, 2, 3, 4, 5] as const;

const REQUESTS = OWN;
const DISCARDED = REQUESTS + 1;
const BY_CLASS = DISCARDED + 1;
const BY_CODE = BY_CLASS + CLASSES.length;
const SLOTS = BY_CODE + COUNTED_CODES.length;

const SLOT_OF_CODE: ReadonlyMap<number, number> = new Map(COUNTED_CODES.map((code, i) => [code, BY_CODE + i]));

export class RequestCounters {
  readonly values = new Float64Array(SLOTS);

  began(): void {
    count(this.values, NOW);
  }

  ended(): void {
    count(this.values, NOW, -1);
  }

  /** It has ended. @param status of the answer; undefined: there was none */
  answered(status: number | undefined, received: number, sent: number): void {
    const { values } = this;
    count(values, REQUESTS);
    count(values, RECEIVED, received);
    count(values, SENT, sent);
    if (status === undefined) {
      count(values, DISCARDED);
      return;
    }
    count(values, BY_CLASS + Math.min(Math.max(Math.floor(status / 100), 1), CLASSES.length) - 1);
    const slot = SLOT_OF_CODE.get(status);
    if (slot !== undefined) count(values, slot);
  }
}

/** The counters of servers or locations as they are read. */
export class RequestNumbers {
  readonly #values: Float64Array;

  constructor(values: Float64Array = new Float64Array(SLOTS)) {
    this.#values = values;
  }

  /** Now, of servers. */
  get processing(): number {
    return this.#at(NOW);
  }

  /** Those that are processed too. */
  get requests(): number {
    return this.#at(REQUESTS) + this.processing;
  }

  get discarded(): number {
    return this.#at(DISCARDED);
  }

  get received(): number {
    return this.#at(RECEIVED);
  }

  get sent(): number {
    return this.#at(SENT);
  }

  ofClass(first: (typeof CLASSES)[number]): number {
    return this.#at(BY_CLASS + first - 1);
  }

  ofCode(code: number): number {
    return this.#at(SLOT_OF_CODE.get(code) ?? -1);
  }

  #at(slot: number): number {
    return this.#values[slot] ?? 0;
  }
}
