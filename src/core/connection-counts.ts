// Numbers of connections and requests, as stub_status shows them: of one process, and of all together.

export interface ConnectionCounts {
  /** Since the start: connections taken from the kernel, those of them that were served, and HTTP requests. */
  accepted: number;
  handled: number;
  requests: number;
  /** Now: connections of clients, and those among them of HTTP by what is done with them. */
  active: number;
  reading: number;
  writing: number;
  waiting: number;
}

export const noCounts = (): ConnectionCounts => ({
  accepted: 0,
  handled: 0,
  requests: 0,
  active: 0,
  reading: 0,
  writing: 0,
  waiting: 0,
});

export const sumOf = (a: Readonly<ConnectionCounts>, b: Readonly<ConnectionCounts>): ConnectionCounts => ({
  ...sinceStart(a, b, 1),
  active: a.active + b.active,
  reading: a.reading + b.reading,
  writing: a.writing + b.writing,
  waiting: a.waiting + b.waiting,
});

/** What has ended stays in the numbers since the start. @param sign -1 takes the second from the first */
export const sinceStart = (
  a: Readonly<ConnectionCounts>,
  b: Readonly<ConnectionCounts>,
  sign: 1 | -1,
): ConnectionCounts => ({
  ...noCounts(),
  accepted: a.accepted + sign * b.accepted,
  handled: a.handled + sign * b.handled,
  requests: a.requests + sign * b.requests,
});

/** How a server learns of the numbers of all processes. */
export interface ServerStatus {
  /** Of this process: it counts here. */
  readonly own: ConnectionCounts;
  /** Of all processes, now. It comes in bounded time. */
  total(): Promise<Readonly<ConnectionCounts>>;
  /** The same at once, where others may have been counted a second ago. */
  recent(): Readonly<ConnectionCounts>;
  /** It is going to be asked: what this process has counted is not to be lost with it. */
  keep(): void;
}

/** Of a process that is alone. */
export class SoleStatus implements ServerStatus {
  readonly own = noCounts();

  total(): Promise<Readonly<ConnectionCounts>> {
    return Promise.resolve(this.own);
  }

  recent(): Readonly<ConnectionCounts> {
    return this.own;
  }

  keep(): void {}
}
