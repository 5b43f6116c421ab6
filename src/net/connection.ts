// One face for TCP, unix and TLS connections; a phase change swaps `handler`, as nginx swaps rev->handler.
import type { Duplex } from 'node:stream';
import type { TlsChooser } from './tls/chooser.ts';
import type { ClientTlsDone, TlsPeer } from './tls/client-outcome.ts';
import type { ServerTls } from './tls/context.ts';
import type { TlsDone } from './tls/outcome.ts';

/** Called by the connection; never after `onClose`. */
export interface ConnHandler {
  /** It takes what it wants of a chunk before `onData` returns, and keeps no view of it: all of them may be lent. */
  readonly borrows?: boolean;
  /** A connection that was dialled stands. */
  onConnect?: (() => void) | undefined;
  /** The chunk is the handler's, unless chunks are lent. */
  onData(chunk: Buffer): void;
  /** Everything queued has been handed to the system. */
  onDrain(): void;
  /** The peer finished sending. */
  onEof(): void;
  /** The deadline passed. */
  onTimeout(): void;
  /** The connection is gone. `error` is a system error (`code`, `errno`) or a TLS one. */
  onClose(error: Error | undefined): void;
}

/** What became of the bytes that were queued at a `finish`. */
export type FinishEnd = 'sent' | 'closed' | 'timeout';

export interface Connection {
  handler: ConnHandler;
  /** Takes what a handler throws: a fault of ours must not end more than one session. */
  onFault: (error: unknown) => void;
  /** Called once, when the descriptor is closed. */
  released: () => void;
  /** The peer has finished sending, and all of it was delivered: `onEof` was called, if on another handler. */
  readonly ended: boolean;
  /** Bytes so far; of TLS its clear text. */
  readonly bytesReceived: number;
  /** Bytes that were written so far, some of which may wait; of TLS its clear text. */
  readonly bytesSent: number;
  /** Sends bytes; false: wait for `onDrain`. They belong to the connection until then. */
  write(chunk: Buffer): boolean;
  /** Accepted connections come paused, those that were dialled do not. */
  pause(): void;
  resume(): void;
  /** Puts bytes back, for good: they come again as the first ones, to whoever reads next. */
  unread(chunk: Buffer): void;
  /** Drops what was read and not delivered yet, and the handler with it. */
  discardInput(): void;
  /**
   * From here on chunks are lent, if the connection likes: good until `onData` returns, or until `resume` where the
   * handler has paused.
   */
  lendChunks(): void;
  /** Small writes go at once from here on: TCP_NODELAY. Accepted connections have it from the beginning. */
  noDelay(): void;
  /** Arms, re-arms or (0) disarms the only deadline of this connection, in milliseconds. */
  deadline(ms: number): void;
  /** When the deadline was armed, on the clock of `performance.now()`; undefined: it is not. */
  readonly limitedSinceMs: number | undefined;
  /**
   * Makes the server's side of a TLS handshake. What is read already, or was put back, belongs to it. The deadline is
   * left as it is.
   * @param alpn the only protocol names that are accepted where the client sends ALPN
   * @param done called once, never from inside this call. For `secure` the connection is paused and carries clear text
   * by then, and its handler has to be set before `done` returns.
   */
  startTls(tls: ServerTls | TlsChooser, alpn: readonly string[], done: TlsDone): void;
  /**
   * Makes the client's side of a TLS handshake on a connection that was dialled, as soon as it stands and what was
   * written before is on its way. The deadline is left as it is.
   * @param done as with `startTls`
   */
  startClientTls(peer: TlsPeer, done: ClientTlsDone): void;
  /**
   * Sends what is queued, then closes. The peer gets some seconds to close as well: closed at once, bytes of its
   * own that are still under way would make the kernel drop ours.
   * @param flushMs how long the peer may take for what is queued
   * @param done called once, when nothing is queued
   */
  finish(flushMs?: number, done?: (how: FinishEnd) => void): void;
  /** Sends what is queued, then the end. @param sent called once, when that is done */
  endOutput(sent: () => void): void;
  /** Closes at once; what is queued is lost. */
  destroy(): void;
  /** The same, and no handler hears of it. */
  abandon(): void;
  /** Runs something of the session; what it throws goes to `onFault`. */
  guard(run: () => void): void;
}

/** A connection that requests of HTTP come by. */
export interface RequestConnection extends Connection {
  /** The peer has sent something, whoever took it. */
  readonly hasReceived: boolean;
  /** Something of it waits to be delivered. */
  readonly hasUnread: boolean;
  /** Several chunks as one write. */
  writeAll(chunks: readonly Buffer[]): boolean;
  /** As `destroy`; over TCP the peer sees a reset. */
  reset(): void;
}

/** A connection over a stream that another one can be put over, as TLS does. */
export interface StreamCarrier extends Connection {
  readonly stream: Duplex;
  /** From here on the TLS reads. What the stream has buffered it takes along: that is no clear text. */
  beginTls(): void;
  /** The other stream takes its place, paused; events of the old one are ignored from here on. */
  swap(stream: Duplex): void;
}

const nothing = (): void => {};

/** Takes every event and does nothing. */
export const IGNORE: ConnHandler = {
  onData: nothing,
  onDrain: nothing,
  onEof: nothing,
  onTimeout: nothing,
  onClose: nothing,
};
