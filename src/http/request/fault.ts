// A request that cannot go on: thrown across the waits of its handlers, and caught where it is answered.
import type { ByteString } from '../../conf/directive.ts';
import { Level } from '../../core/log.ts';
import { MatchFault } from '../../script/match-fault.ts';

export class HttpFault extends Error {
  /** What it is answered with. */
  readonly status: number;
  /** The client is gone, or took too long: it gets no answer. */
  readonly isSilent: boolean;
  /** Of the text in the log. */
  readonly level: Level;

  /** @param text for the log; empty: nothing is said */
  constructor(status: number, isSilent: boolean, text: ByteString, level: Level = isSilent ? Level.info : Level.error) {
    super(text);
    this.status = status;
    this.isSilent = isSilent;
    this.level = level;
  }
}

/** A search that takes too long ends the request too. */
export const asHttpFault = (error: unknown): unknown =>
  error instanceof MatchFault ? new HttpFault(500, false, error.message, error.level) : error;
