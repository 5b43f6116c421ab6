// A request that cannot go on: thrown across the waits of its handlers, and caught where it is answered.

import type { ByteString } from '../conf/directive.ts';

export class HttpFault extends Error {
  /** What it is answered with. */
  readonly status: number;
  /** The client is gone, or took too long: it gets no answer. */
  readonly isSilent: boolean;

  /** @param text for the log; empty: nothing is said */
  constructor(status: number, isSilent: boolean, text: ByteString) {
    super(text);
    this.status = status;
    this.isSilent = isSilent;
  }
}
