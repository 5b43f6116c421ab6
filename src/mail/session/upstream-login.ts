// The login at a backend: connects, collects each reply in the proxy buffer and drives the protocol's dialogue.
import type { ByteString } from '../../conf/directive.ts';
import { wipe } from '../../core/wipe.ts';
import { type Connection, type ConnHandler, IGNORE } from '../../net/connection.ts';
import type { DialTarget } from '../../net/dial-target.ts';
import { isBindFailure, upstreamFailure } from '../../net/failure.ts';
import type { LineBuffer } from '../../net/line-buffer.ts';
import type { ClientTlsOutcome, TlsPeer } from '../../net/tls/client-outcome.ts';
import type { BackendTls } from '../backend-tls/choose.ts';
import { HANDSHAKING, logHandshakeFailure } from '../backend-tls/failure.ts';
import type { BufferPool } from '../command/buffer-pool.ts';
import type { Caller } from './caller.ts';
import { type Dialogue, type LoginEnd, MIN_REPLY, type Step } from './dialogue.ts';
import type { SessionEnd } from './end.ts';
import { tooMuch } from './upgrade.ts';

export type UpstreamResult =
  | {
      readonly kind: 'logged-in';
      readonly upstream: Connection;
      readonly first: Buffer;
    }
  /** Why is in the log already, but for a refusal that is the client's. */
  | {
      readonly kind: 'failed';
      /** What the client may be told of a refusal. */
      readonly reply: Buffer | undefined;
      /** `ours`: nobody was asked. */
      readonly cause: 'refused' | 'broken' | 'ours';
      /** How far it came: to the greeting, STARTTLS included, further, or to the password. */
      readonly stage: Stage;
      /** Of a refusal, as the log would show it. */
      readonly text: Buffer | undefined;
    };

type Stage = 'greeting' | 'said' | 'secret';

export interface UpstreamSettings {
  readonly target: DialTarget;
  readonly address: ByteString;
  /** From connecting to the end of the login, in milliseconds. */
  readonly timeoutMs: number;
  /** From connecting to the greeting, and the end of STARTTLS; the rest has `timeoutMs` then. undefined: `timeoutMs` is for all of it. */
  readonly connectTimeoutMs: number | undefined;
  /** The most that one reply may take, in bytes. */
  readonly bufferSize: number;
  /** The PROXY protocol header, sent before anything else. */
  readonly header: Buffer | undefined;
  readonly passErrorMessage: boolean;
  /** Whoever hears of a refusal behind the greeting says so in the log. */
  readonly refusalIsClients: boolean;
  readonly tls: BackendTls;
}

const CR = 13;
const LF = 10;

export class UpstreamLogin implements ConnHandler {
  readonly borrows = true;
  readonly #session: Caller;
  readonly #settings: UpstreamSettings;
  readonly #dialogue: Dialogue;
  readonly #done: (result: UpstreamResult) => void;
  #conn: Connection | undefined;
  readonly #pool: BufferPool;
  /** The reply so far. */
  readonly #reply: LineBuffer;
  #sent: Buffer | undefined;
  #stage: Stage = 'greeting';
  /** STARTTLS is still to come: nothing of the login has been said. */
  #awaitsTls: boolean;
  readonly onConnect: (() => void) | undefined;
  #shortest = MIN_REPLY;
  /** For counters, on the clock of `performance.now()`. */
  #startedMs = 0;

  constructor(
    session: Caller,
    settings: UpstreamSettings,
    pool: BufferPool,
    dialogue: Dialogue,
    done: (result: UpstreamResult) => void,
  ) {
    this.#session = session;
    this.#settings = settings;
    this.#dialogue = dialogue;
    this.#done = done;
    this.#pool = pool;
    this.#reply = pool.take(settings.bufferSize);
    this.#awaitsTls = settings.tls.mode === 'starttls';
    const measures = session.record?.measuresUpstreams === true;
    this.onConnect = measures ? () => session.record?.upstream?.connected() : undefined;
  }

  start(): void {
    const session = this.#session;
    session.action = 'connecting to upstream';
    if (!session.connections.open(session.log, session)) {
      session.note('limit');
      this.#done({ kind: 'failed', reply: undefined, cause: 'ours', stage: this.#stage, text: undefined });
      return;
    }
    this.#conn = session.transport.dial(this.#settings.target, this);
    session.record?.dials(this.#conn, this.#settings.address);
    this.#conn.released = session.connections.release;
    this.#conn.onFault = session.onFault;
    const { timeoutMs, connectTimeoutMs = timeoutMs } = this.#settings;
    this.#conn.deadline(Math.min(connectTimeoutMs, timeoutMs));
    if (session.counters !== undefined) this.#startedMs = this.#conn.limitedSinceMs ?? performance.now();
    if (this.#settings.header !== undefined) this.#conn.write(this.#settings.header);
    this.#dialogue.next(EMPTY); // runs to where the greeting is awaited
    const { tls } = this.#settings;
    if (tls.mode === 'on') this.#handshake(tls.peer, () => this.onConnect?.());
  }

  /** Within the time limit of the login. @param then the connection reads again */
  #handshake(peer: TlsPeer, then: () => void): void {
    this.#conn?.startClientTls(peer, (outcome) => this.#secured(outcome, then));
  }

  #secured(outcome: ClientTlsOutcome, then: () => void): void {
    if (this.#conn === undefined) return;
    if (outcome.kind !== 'secure') {
      logHandshakeFailure(this.#session, outcome, this.#settings.address);
      this.#fail(outcome.kind === 'failed' && isBindFailure(outcome.error) ? 'bind_failed' : 'backend_tls_failed');
      return;
    }
    this.#conn.handler = this;
    this.#conn.resume();
    then();
  }

  cancel(): void {
    this.#release()?.destroy();
  }

  onData(chunk: Buffer): void {
    this.#session.record?.upstream?.answered();
    this.#session.action = 'reading response from upstream';
    const reply = this.#reply;
    let rest = chunk;
    while (rest.length > 0 && this.#conn !== undefined) {
      const taken = reply.fill(rest);
      rest = taken === rest.length ? EMPTY : rest.subarray(taken);
      const { data, last } = reply;
      if (last >= this.#shortest && data[last - 2] === CR && data[last - 1] === LF) {
        this.#advance(data.subarray(0, last), rest);
      }
      if (reply.full && this.#conn !== undefined) {
        // nginx ends the text by writing over the last byte.
        const text = data.toString('latin1', 0, last - 1);
        this.#session.error(`upstream sent too long response line: "${text}"`);
        this.#fail('backend_invalid');
      }
    }
  }

  onDrain(): void {}

  onEof(): void {
    this.#fail('backend_down');
  }

  onTimeout(): void {
    this.#session.info('upstream timed out (110: Connection timed out)');
    this.#fail('backend_timeout');
  }

  onClose(error: Error | undefined): void {
    const failure = error === undefined ? undefined : upstreamFailure(error, this.#settings.address);
    if (failure !== undefined) {
      if (failure.call === 'recv()') this.#session.action = 'reading response from upstream';
      this.#session.log.write(failure.level, failure.text, this.#session);
    }
    this.#fail(isBindFailure(error) ? 'bind_failed' : 'backend_down');
  }

  /** @param rest of what has come, behind the reply */
  #advance(reply: Buffer, rest: Buffer): void {
    const next = this.#dialogue.next(reply);
    if (next.done) this.#end(next.value, rest);
    else if (next.value.kind === 'tls') this.#startTls(rest);
    else if (next.value.kind === 'send') this.#send(next.value);
  }

  /** What was said in clear, and how much of it, has no part in what follows. */
  #startTls(rest: Buffer): void {
    const { tls } = this.#settings;
    this.#reply.reset();
    if (tls.mode === 'off' || rest.length > 0) {
      this.#end(tooMuch(), EMPTY);
      return;
    }
    this.#session.action = HANDSHAKING;
    this.#handshake(tls.peer, () => {
      this.#awaitsTls = false;
      this.#advance(EMPTY, EMPTY);
    });
  }

  #send(step: Extract<Step, { kind: 'send' }>): void {
    if (!this.#awaitsTls) this.#saysLogin(step.secret);
    this.#session.action = step.action;
    this.#reply.reset();
    if (this.#sent !== undefined) wipe(this.#sent);
    this.#shortest = step.shortest;
    this.#sent = step.secret ? step.bytes : undefined;
    this.#conn?.write(step.bytes);
  }

  #saysLogin(secret: boolean): void {
    const { connectTimeoutMs, timeoutMs } = this.#settings;
    if (this.#stage === 'greeting' && connectTimeoutMs !== undefined) this.#conn?.deadline(timeoutMs);
    if (this.#stage !== 'secret') this.#stage = secret ? 'secret' : 'said';
  }

  #end(end: LoginEnd, rest: Buffer): void {
    switch (end.kind) {
      case 'logged-in': {
        const first = Buffer.concat([end.first, rest]); // the reply goes back to the pool
        const upstream = this.#release();
        if (upstream === undefined) return;
        upstream.pause();
        this.#session.counters?.backendTook(performance.now() - this.#startedMs);
        this.#done({ kind: 'logged-in', upstream, first });
        return;
      }
      case 'refused': {
        const text = `upstream sent invalid response: "${end.text.toString('latin1')}"`;
        const { passErrorMessage, refusalIsClients } = this.#settings;
        this.#session.action = 'reading response from upstream';
        if (!refusalIsClients || this.#stage === 'greeting') {
          if (passErrorMessage) this.#session.info(text);
          else this.#session.error(text);
        }
        this.#fail('backend_refused', passErrorMessage ? end.reply : undefined, end.text);
        return;
      }
      case 'failed':
        this.#session.action = end.action;
        this.#session.error(end.why);
        this.#fail('backend_invalid');
        return;
      default:
        end satisfies never;
    }
  }

  /** @param refusal of the backend */
  #fail(why: SessionEnd, reply?: Buffer, refusal?: Buffer): void {
    const conn = this.#release();
    if (conn === undefined) return;
    this.#session.note(why);
    this.#session.record?.upstream?.finish();
    conn.destroy();
    const cause = why === 'bind_failed' ? 'ours' : refusal === undefined ? 'broken' : 'refused';
    if (cause !== 'ours') this.#session.counters?.backendFailed(cause);
    this.#done({ kind: 'failed', reply, cause, stage: this.#stage, text: refusal });
  }

  /** Takes the connection away from this handler; undefined when that has happened before. */
  #release(): Connection | undefined {
    const conn = this.#conn;
    if (conn === undefined) return undefined;
    this.#conn = undefined;
    conn.handler = IGNORE;
    conn.deadline(0);
    if (this.#sent !== undefined) wipe(this.#sent);
    this.#sent = undefined;
    this.#pool.give(this.#reply);
    return conn;
  }
}

const EMPTY = Buffer.alloc(0);
