// One request to the auth server: one answer, one deadline. Over a connection of its own, as nginx does it, or a kept one.
import type { ByteString } from '../../conf/directive.ts';
import { wipe } from '../../core/wipe.ts';
import type { Connection, ConnHandler } from '../../net/connection.ts';
import type { DialTarget } from '../../net/dial-target.ts';
import { upstreamFailure } from '../../net/failure.ts';
import type { ClientTlsOutcome, TlsPeer } from '../../net/tls/client-outcome.ts';
import type { Dialer } from '../../net/transport.ts';
import type { NextOn } from '../../upstream/next-upstream.ts';
import type { Session } from '../session/session.ts';
import { logAuthHandshake } from './handshake-failure.ts';
import type { KeptConnections } from './kept-connections.ts';
import type { AuthReply } from './reply.ts';
import { AuthResponseParser, type ResponseState } from './response.ts';

export interface AuthServer {
  readonly target: DialTarget;
  /** `IP:PORT` or `unix:PATH`, as logs show it. */
  readonly text: ByteString;
  /** From connecting to the end of the headers, in milliseconds. */
  readonly timeoutMs: number;
  /** undefined: it is asked in clear. */
  readonly tls?: TlsPeer | undefined;
}

/** What a server has for its questions. */
export interface AuthMeans {
  /** Where the connection comes from and goes to, if it can. */
  readonly authConnections?: KeptConnections | undefined;
  /** Makes it otherwise; undefined: the session's transport. */
  readonly authDialer?: Dialer | undefined;
  /** Headers of the answer that variables are about. */
  readonly authHeaders?: ReadonlySet<string> | undefined;
  /** How long the headers of an answer may be, in bytes; undefined: as long as with nginx. */
  readonly authBuffer?: number | undefined;
  /** Looks at an answer that was understood, for why another server may be asked; undefined: there is no other. */
  readonly inspect?: ((answer: AuthResponseParser) => NextOn | undefined) | undefined;
}

/**
 * @param reply undefined: no usable answer; why is in the log already
 * @param why another server may be asked; undefined: there is no reason to
 */
export type AuthDone = (reply: AuthReply | undefined, why?: NextOn) => void;

const CLOSED = 'prematurely closed connection';
const COMPLAINT: Partial<Record<ResponseState, string>> = {
  'invalid-response': 'sent invalid response',
  'invalid-header': 'sent invalid header in response',
};

export class AuthExchange implements ConnHandler {
  readonly borrows = true;
  readonly #session: Session;
  readonly #server: AuthServer;
  readonly #request: Buffer;
  readonly #done: AuthDone;
  readonly #parser: AuthResponseParser;
  readonly #kept: KeptConnections | undefined;
  readonly #dialer: Dialer;
  /** nginx has nothing to say of an answer that is too long. */
  readonly #tellsOfLength: boolean;
  readonly #inspect: AuthMeans['inspect'];
  #conn: Connection | undefined;
  /** The connection was kept, and nothing has come yet: the server may have closed it meanwhile. */
  #mayBeStale = false;
  /** For counters, on the clock of `performance.now()`. */
  #startedMs: number | undefined;

  /** @param request is overwritten when the exchange ends. */
  constructor(
    session: Session,
    server: AuthServer,
    request: Buffer,
    done: AuthDone,
    { authConnections, authDialer, authHeaders, authBuffer, inspect }: AuthMeans = {},
  ) {
    this.#session = session;
    this.#server = server;
    this.#request = request;
    this.#done = done;
    this.#kept = authConnections;
    this.#dialer = authDialer ?? session.transport;
    this.#parser = new AuthResponseParser(authHeaders, authBuffer);
    this.#tellsOfLength = authBuffer !== undefined;
    this.#inspect = inspect;
  }

  start(): void {
    const session = this.#session;
    const conn = this.#kept?.take(this.#server.text);
    if (conn !== undefined) {
      this.#mayBeStale = true;
      conn.handler = this;
      this.#ask(conn);
      return;
    }
    if (!session.connections.open(session.log, session)) {
      wipe(this.#request);
      session.note('limit');
      this.#done(undefined);
      return;
    }
    this.#dial();
  }

  #dial(): void {
    const { target, tls } = this.#server;
    const conn = this.#dialer.dial(target, this);
    if (tls === undefined) {
      this.#ask(conn);
      return;
    }
    this.#begin(conn);
    conn.startClientTls(tls, (outcome) => this.#secured(conn, outcome));
  }

  #secured(conn: Connection, outcome: ClientTlsOutcome): void {
    if (this.#conn !== conn) return;
    if (outcome.kind !== 'secure') {
      logAuthHandshake(this.#session, outcome, this.#server.text);
      this.#end(undefined, outcome.kind === 'timeout' ? 'timeout' : 'error');
      return;
    }
    conn.handler = this;
    conn.write(this.#request);
    conn.resume();
  }

  #ask(conn: Connection): void {
    this.#begin(conn);
    conn.write(this.#request);
  }

  #begin(conn: Connection): void {
    this.#conn = conn;
    conn.onFault = this.#session.onFault;
    conn.deadline(this.#server.timeoutMs);
    if (this.#session.counters !== undefined) this.#startedMs ??= conn.limitedSinceMs ?? performance.now();
  }

  /** A kept connection has ended without a byte: the question has not been heard, and is asked anew. */
  #askedAnew(): boolean {
    if (!this.#mayBeStale || this.#conn === undefined) return false;
    this.#mayBeStale = false;
    this.#conn.abandon();
    this.#dial(); // in the same place among the connections
    return true;
  }

  /** The session ended: nobody waits for the answer. */
  cancel(): void {
    this.#parser.reply.pass?.fill(0);
    this.#release();
  }

  onData(chunk: Buffer): void {
    this.#mayBeStale = false;
    const state = this.#parser.feed(chunk);
    if (state === 'done' && this.#kept !== undefined) {
      this.#keep(this.#kept, chunk);
      return;
    }
    if (state === 'done') {
      const why = this.#inspect?.(this.#parser);
      wipe(chunk);
      this.#end(this.#parser.reply, why);
      return;
    }
    wipe(chunk);
    if (state === 'again') return;
    const complaint = COMPLAINT[state] ?? (this.#tells || this.#tellsOfLength ? 'sent too long response' : undefined);
    this.#session.note('auth_invalid');
    // As in nginx, the log shows an Auth-User that came before the fault; another server has to get the client's.
    const { user } = this.#parser.reply;
    if (user !== undefined && this.#inspect === undefined) this.#session.login = user;
    if (complaint !== undefined) this.#complain(complaint);
    this.#end(undefined, 'invalid_response');
  }

  onDrain(): void {}

  onEof(): void {
    if (this.#askedAnew()) return;
    if (this.#tells) this.#complain(CLOSED);
    this.#end(undefined, 'error');
  }

  onTimeout(): void {
    this.#complain('timed out (110: Connection timed out)');
    this.#end(undefined, 'timeout');
  }

  onClose(error: Error | undefined): void {
    if (this.#askedAnew()) return;
    const failure = error === undefined ? undefined : upstreamFailure(error, this.#server.text);
    if (failure !== undefined) this.#session.log.write(failure.level, failure.text, this.#session);
    else if (this.#tells) this.#complain(CLOSED);
    this.#end(undefined, 'error');
  }

  /** Every end without an answer is logged; nginx has nothing to say of some. */
  get #tells(): boolean {
    return this.#inspect !== undefined || this.#server.tls !== undefined;
  }

  #complain(why: string): void {
    this.#session.error(`auth http server ${this.#server.text} ${why}`);
  }

  /** The answer is used at once; what follows its headers is read by whoever keeps the connection. */
  #keep(kept: KeptConnections, chunk: Buffer): void {
    const conn = this.#conn;
    if (conn === undefined) return;
    this.#conn = undefined;
    wipe(this.#request);
    const why = this.#inspect?.(this.#parser);
    this.#count(why);
    kept.keep(conn, this.#server.text, this.#parser.framing, chunk.subarray(this.#parser.bodyStart));
    this.#parser.wipe();
    wipe(chunk);
    this.#done(this.#parser.reply, why);
  }

  #end(reply: AuthReply | undefined, why: NextOn | undefined): void {
    if (reply === undefined) this.#parser.reply.pass?.fill(0);
    this.#count(why);
    this.#release();
    this.#done(reply, why);
  }

  /** @param why it is no usable answer */
  #count(why: NextOn | undefined): void {
    const { counters } = this.#session;
    if (this.#startedMs !== undefined) counters?.authTook(performance.now() - this.#startedMs);
    if (why !== undefined) counters?.authFailed(why === 'timeout' ? 'timeout' : 'other');
  }

  #release(): void {
    if (this.#conn === undefined) return;
    this.#conn.abandon();
    this.#conn = undefined;
    this.#session.connections.release(); // at once: the backend's connection may need its place
    wipe(this.#request);
    this.#parser.wipe();
  }
}
