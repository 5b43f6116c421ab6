// One request to the auth server over a connection of its own, as nginx does it: HTTP/1.0, one answer, one deadline.
import type { ByteString } from '../../conf/directive.ts';
import type { ConnHandler, StreamConnection } from '../../net/connection.ts';
import { IGNORE } from '../../net/connection.ts';
import { type DialTarget, dial } from '../../net/dial.ts';
import { upstreamFailure } from '../../net/failure.ts';
import type { Session } from '../session/session.ts';
import { type AuthReply, AuthResponseParser, type ResponseState } from './response.ts';

export interface AuthServer {
  readonly target: DialTarget;
  /** `IP:PORT` or `unix:PATH`, as logs show it. */
  readonly text: ByteString;
  /** From connecting to the end of the headers, in milliseconds. */
  readonly timeoutMs: number;
}

/** undefined: no usable answer; why is in the log already. */
export type AuthDone = (reply: AuthReply | undefined) => void;

const COMPLAINT: Partial<Record<ResponseState, string>> = {
  'invalid-response': 'sent invalid response',
  'invalid-header': 'sent invalid header in response',
};

export class AuthExchange implements ConnHandler {
  readonly #session: Session;
  readonly #server: AuthServer;
  readonly #request: Buffer;
  readonly #done: AuthDone;
  readonly #parser = new AuthResponseParser();
  #conn: StreamConnection | undefined;

  /** @param request is overwritten when the exchange ends. */
  constructor(session: Session, server: AuthServer, request: Buffer, done: AuthDone) {
    this.#session = session;
    this.#server = server;
    this.#request = request;
    this.#done = done;
  }

  start(): void {
    const session = this.#session;
    if (!session.connections.open(session.log, session)) {
      this.#request.fill(0);
      this.#done(undefined);
      return;
    }
    this.#conn = dial(this.#server.target, this);
    this.#conn.onFault = session.onFault;
    this.#conn.deadline(this.#server.timeoutMs);
    this.#conn.write(this.#request);
  }

  /** The session ended: nobody waits for the answer. */
  cancel(): void {
    this.#parser.reply.pass?.fill(0);
    this.#release();
  }

  onData(chunk: Buffer): void {
    const state = this.#parser.feed(chunk);
    chunk.fill(0);
    if (state === 'again') return;
    const complaint = COMPLAINT[state];
    // As in nginx, the log shows an Auth-User that came before the fault.
    if (state !== 'done' && this.#parser.reply.user !== undefined) this.#session.login = this.#parser.reply.user;
    if (complaint !== undefined) this.#session.error(`auth http server ${this.#server.text} ${complaint}`);
    this.#end(state === 'done' ? this.#parser.reply : undefined);
  }

  onDrain(): void {}

  onEof(): void {
    this.#end(undefined);
  }

  onTimeout(): void {
    this.#session.error(`auth http server ${this.#server.text} timed out (110: Connection timed out)`);
    this.#end(undefined);
  }

  onClose(error: Error | undefined): void {
    const failure = error === undefined ? undefined : upstreamFailure(error, this.#server.text);
    if (failure !== undefined) this.#session.log.write(failure.level, failure.text, this.#session);
    this.#end(undefined);
  }

  #end(reply: AuthReply | undefined): void {
    if (reply === undefined) this.#parser.reply.pass?.fill(0);
    this.#release();
    this.#done(reply);
  }

  #release(): void {
    if (this.#conn === undefined) return;
    this.#conn.handler = IGNORE;
    this.#conn.destroy();
    this.#conn = undefined;
    this.#session.connections.release(); // at once: the backend's connection may need its place
    this.#request.fill(0);
    this.#parser.wipe();
  }
}
