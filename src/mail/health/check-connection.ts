// A check without a protocol: connects, makes the TLS handshake, says what the match says, and looks at the answer.
import { type Connection, type ConnHandler, IGNORE } from '../../net/connection.ts';
import { isBindFailure, upstreamFailure } from '../../net/failure.ts';
import type { LineBuffer } from '../../net/line-buffer.ts';
import type { ClientTlsOutcome } from '../../net/tls/client-outcome.ts';
import { MatchFault } from '../../script/match-fault.ts';
import { HANDSHAKING, logHandshakeFailure } from '../backend-tls/failure.ts';
import type { BufferPool } from '../command/buffer-pool.ts';
import type { Caller } from '../session/caller.ts';
import type { UpstreamSettings } from '../session/upstream-login.ts';
import type { Match } from './match.ts';

/** A connection: the check has passed, and it is to be closed in order. `unknown`: nobody was asked. */
export type CheckEnd = Connection | 'failed' | 'unknown';

export class CheckConnection implements ConnHandler {
  readonly borrows = true;
  readonly #caller: Caller;
  readonly #settings: UpstreamSettings;
  readonly #match: Match | undefined;
  readonly #pool: BufferPool;
  readonly #reply: LineBuffer;
  readonly #done: (end: CheckEnd) => void;
  #conn: Connection | undefined;
  /** undefined: there is a handshake first. */
  readonly onConnect: (() => void) | undefined;

  /** @param match undefined: that there is a connection is enough */
  constructor(
    caller: Caller,
    settings: UpstreamSettings,
    pool: BufferPool,
    match: Match | undefined,
    done: (end: CheckEnd) => void,
  ) {
    this.#caller = caller;
    this.#settings = settings;
    this.#pool = pool;
    this.#match = match;
    this.#reply = pool.take(settings.bufferSize);
    this.#done = done;
    this.onConnect = settings.tls.mode === 'off' ? () => this.#conn?.guard(() => this.#stands()) : undefined;
  }

  start(): void {
    const { target, timeoutMs, header, tls } = this.#settings;
    const { connections, log, transport, onFault } = this.#caller;
    if (!connections.open(log, this.#caller)) {
      this.#pool.give(this.#reply);
      this.#done('unknown');
      return;
    }
    const conn = transport.dial(target, this);
    this.#conn = conn;
    conn.released = connections.release;
    conn.onFault = onFault;
    conn.deadline(timeoutMs);
    if (header !== undefined) conn.write(header);
    if (tls.mode !== 'off') conn.startClientTls(tls.peer, (outcome) => this.#secured(outcome));
  }

  cancel(): void {
    this.#release()?.destroy();
  }

  onData(chunk: Buffer): void {
    const reply = this.#reply;
    this.#caller.action = 'reading response from upstream';
    reply.fill(chunk);
    const isAccepted = this.#isAccepted();
    if (isAccepted === undefined) this.#fail();
    else if (isAccepted) this.#pass();
    else if (reply.full) this.#refuse();
  }

  onDrain(): void {}

  onEof(): void {
    this.#refuse();
  }

  onTimeout(): void {
    this.#caller.error('upstream timed out (110: Connection timed out)');
    this.#fail();
  }

  onClose(error: Error | undefined): void {
    const failure = error === undefined ? undefined : upstreamFailure(error, this.#settings.address);
    if (failure !== undefined) this.#caller.log.write(failure.level, failure.text, this.#caller);
    else this.#refuse();
    this.#fail(endOf(error));
  }

  #secured(outcome: ClientTlsOutcome): void {
    if (this.#conn === undefined) return;
    if (outcome.kind !== 'secure') {
      logHandshakeFailure(this.#caller, outcome, this.#settings.address);
      this.#fail(outcome.kind === 'failed' ? endOf(outcome.error) : 'failed');
      return;
    }
    this.#caller.action = HANDSHAKING;
    this.#conn.handler = this;
    this.#conn.resume();
    this.#stands();
  }

  #stands(): void {
    const { send, accepts } = this.#match ?? {};
    if (send !== undefined) {
      this.#caller.action = 'sending to upstream';
      this.#conn?.write(Buffer.from(send)); // it belongs to the connection then
    }
    if (accepts === undefined) this.#pass();
  }

  /** @returns undefined: the search has taken too long, and another one at the next byte would again */
  #isAccepted(): boolean | undefined {
    const { data, last } = this.#reply;
    try {
      return this.#match?.accepts?.(data.toString('latin1', 0, last)) === true;
    } catch (error) {
      if (!(error instanceof MatchFault)) throw error;
      this.#caller.log.write(error.level, error.message, this.#caller);
      return undefined;
    }
  }

  #refuse(): void {
    if (this.#conn === undefined) return;
    this.#caller.error('upstream sent unexpected response');
    this.#fail();
  }

  #pass(): void {
    const conn = this.#release();
    if (conn !== undefined) this.#done(conn);
  }

  #fail(end: Exclude<CheckEnd, Connection> = 'failed'): void {
    const conn = this.#release();
    if (conn === undefined) return;
    conn.destroy();
    this.#done(end);
  }

  #release(): Connection | undefined {
    const conn = this.#conn;
    if (conn === undefined) return undefined;
    this.#conn = undefined;
    conn.handler = IGNORE;
    conn.deadline(0);
    this.#pool.give(this.#reply);
    return conn;
  }
}

/** A connection that could not come from the address that it should says nothing of the peer. */
const endOf = (error: Error | undefined): 'failed' | 'unknown' => (isBindFailure(error) ? 'unknown' : 'failed');
