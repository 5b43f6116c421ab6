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
