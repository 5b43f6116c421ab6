// What is said of a line that could not be written, or of which only a part was.
import type { ByteString } from '../../conf/directive.ts';
import { errnoSuffix } from '../errno.ts';
import { Level } from '../log.ts';

export interface WriteFault {
  /** 0: the system gave none. */
  readonly errno: number;
  /** Bytes that were written, of so many. */
  readonly written: number;
  readonly length: number;
}

/** For the error log. */
export interface LineFault {
  readonly level: Level;
  readonly text: ByteString;
}

/** nginx says so of a log no more than once in a minute. */
const QUIET_MS = 60_000;

/** Says what is wrong with a log, but not for every line. */
export class FaultTeller {
  readonly #now: () => number;
  #toldMs = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds that are never set back */
  constructor(now = (): number => performance.now()) {
    this.#now = now;
  }

  /** @returns undefined: nothing is to be said */
  tell(path: ByteString, fault: WriteFault | undefined): LineFault | undefined {
    if (fault === undefined) return undefined;
    const now = this.#now();
    if (now - this.#toldMs < QUIET_MS) return undefined;
    this.#toldMs = now;
    return { level: Level.alert, text: textOf(path, fault) };
  }
}

const textOf = (path: ByteString, { errno, written, length }: WriteFault): ByteString =>
  written > 0
    ? `write() to "${path}" was incomplete: ${written} of ${length}`
    : `write() to "${path}" failed${errnoSuffix(errno)}`;
