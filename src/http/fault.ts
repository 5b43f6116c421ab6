// A request that cannot go on: thrown across the waits of its handlers, and caught where it is answered.

export class HttpFault extends Error {
  /** What it is answered with. */
  readonly status: number;
  /** The client is gone, or took too long: it gets no answer. */
  readonly isSilent: boolean;

  constructor(status: number, isSilent = false) {
    super(`status ${status}`);
    this.status = status;
    this.isSilent = isSilent;
  }
}
