// The way of a session from accept to its end: PROXY header, TLS, greeting, commands, auth, backend, relay.

import type { SessionState } from '../../control/session-view.ts';
import { type Connection, IGNORE } from '../../net/connection.ts';
import { clientFailure } from '../../net/failure.ts';
import { type CommandEvents, CommandLoop } from '../command/loop.ts';
import type { ProtocolSession } from '../protocol.ts';
import type { MailServer } from '../server.ts';
import { admits } from './admission.ts';
import type { SessionEnd } from './end.ts';
import { reportFault } from './fault.ts';
import type { FlowOptions } from './flow-options.ts';
import type { Login } from './held-login.ts';
import { loginOf } from './login.ts';
import type { LoginEvents } from './login-attempt.ts';
import { type EntryEvents, readSessionHeader } from './proxy-header.ts';
import { refuseLogin } from './refusal.ts';
import { Relay, type RelayEnd } from './relay.ts';
import { KICKED, tellRelayEnd } from './relay-end.ts';
import { type Session, TIMED_OUT } from './session.ts';
import { startTls } from './start-tls.ts';
import { HTTP_ALPN, NO_CERTIFICATE, WebSocketEntry } from './websocket-entry.ts';

const EMPTY = Buffer.alloc(0);

/** The steps hand over to it: it takes their events itself, so that a session needs no closures for them. */
export class SessionFlow implements CommandEvents, LoginEvents {
  readonly session: Session;
  /** When it began, in milliseconds since 1970, once it is listed. */
  sinceMs = 0;
  readonly server: MailServer;
  readonly #options: FlowOptions;
  /** Until the relay begins: a session that is idle for hours holds nothing of its login. */
  #protocol: ProtocolSession | undefined;
  #commands: CommandLoop | undefined;
  /** Of what the protocol does before its greeting. */
  #abort: AbortController | undefined;
  #websocket: WebSocketEntry | undefined;
  readonly #onEnd: (flow: SessionFlow) => void;
  #attempt: Login | undefined;
  #relay: Relay | undefined;

  /** @param onEnd called once, when nothing of the session is left but bytes on their way out */
  constructor(session: Session, server: MailServer, options: FlowOptions, onEnd: (flow: SessionFlow) => void) {
    this.session = session;
    this.server = server;
    this.#options = options;
    this.#onEnd = onEnd;
    session.onFault = (error) => this.#fault(error);
    session.conn.onFault = session.onFault;
    const { protocol } = server.core;
    const opened = protocol.open(session);
    this.#protocol = opened;
    this.#commands = new CommandLoop(session, protocol.name, opened, server.pool, server.core, this);
  }

  /** 1. The connection is there. */
  start(): void {
    if (this.#options.proxyProtocol) {
      const entry = this.#entry(() => this.#admit());
      readSessionHeader(this.session, this.server, entry);
    } else this.#admit();
  }

  /** Something comes before the session. */
  #entry(accepted: () => void): EntryEvents {
    return { accepted, timedOut: () => this.timedOut(), closed: (error) => this.lost(error) };
  }

  /** 2. The client's address is known: whether it may come in. */
  #admit(): void {
    if (admits(this.session, this.server)) this.#secure();
    else this.lost(undefined);
  }

  /** 3. TLS, if the listener wants it. */
  #secure(): void {
    if (!this.#options.ssl) {
      this.#upgrade();
      return;
    }
    this.session.action = 'SSL handshaking';
    this.session.conn.deadline(this.server.core.timeoutMs);
    this.#handshake(() => this.#upgrade());
  }

  #handshake(next: () => void): void {
    startTls(this.session, this.server, this.#options.websocket ? HTTP_ALPN : this.server.alpn, {
      secured: () => {
        this.session.record?.renew();
        next();
      },
      refused: (line) => {
        this.session.note('certificate_refused');
        this.finish(this.#options.websocket ? NO_CERTIFICATE : line);
      },
      failed: () => this.#end('tls_failed'),
    });
  }

  /** 4. A WebSocket, if the listener wants it. */
  #upgrade(): void {
    if (!this.#options.websocket) {
      this.#greet();
      return;
    }
    this.#websocket = new WebSocketEntry(this.session, this.server, {
      ...this.#entry(() => this.#greet()),
      refused: (answer) => this.finish(answer),
    });
    this.#websocket.start();
  }

  /** 5. The greeting, after what the protocol has to do before it. */
  #greet(): void {
    const protocol = this.#protocol;
    if (protocol?.beforeGreeting === undefined) {
      this.#sendGreeting();
      return;
    }
    this.session.conn.handler = { ...IGNORE, onClose: (error) => this.lost(error) };
    this.#abort = new AbortController();
    protocol.beforeGreeting({
      greet: () => {
        this.#abort = undefined;
        this.#sendGreeting();
      },
      reject: (line) => this.finish(line),
      close: () => this.lost(undefined),
      signal: this.#abort.signal,
    });
  }

  #sendGreeting(): void {
    if (this.#protocol === undefined) return;
    this.session.action = 'sending client greeting line';
    this.session.conn.write(this.#protocol.greeting());
    this.#listen();
  }

  /** 6. Commands, with a fresh time limit that they do not extend. */
  #listen(): void {
    this.session.conn.deadline(this.server.core.timeoutMs);
    this.#commands?.enter();
  }

  startTls(reply: Buffer): void {
    const { session } = this;
    session.action = 'in starttls state';
    session.usingStarttls = true;
    // What was read in clear is never taken for part of the TLS session.
    session.conn.discardInput();
    this.#commands?.discard();
    session.conn.write(reply);
    this.#handshake(() => {
      this.#protocol?.forgetClear();
      this.#commands?.enter(); // the time limit of the greeting goes on
    });
  }

  /** 7. Auth server and backend. Nothing is read from the client until they have answered. */
  authenticate(): void {
    const { session } = this;
    const protocol = this.#protocol;
    if (protocol === undefined) return;
    session.beginLogin();
    session.conn.deadline(0);
    session.conn.handler = { ...IGNORE, onClose: (error) => this.lost(error) };
    this.#attempt = loginOf(session, this.server, protocol, this);
    this.#attempt.start();
  }

  refused(line: Buffer, waitMs: number, saslError: Buffer | undefined): void {
    const { session } = this;
    const protocol = this.#protocol;
    this.#attempt = undefined;
    session.note('refused');
    this.server.accessLog?.attempted(session, 'refused');
    session.forgetCredentials();
    if (protocol === undefined) return;
    refuseLogin(
      session,
      protocol,
      { line, waitMs, saslError },
      {
        listen: () => this.#listen(),
        finish: (last) => this.finish(last),
        lost: (error) => this.lost(error),
      },
    );
  }

  failed(line: Buffer): void {
    this.finish(line);
  }

  /** 8. The relay. */
  loggedIn(upstream: Connection, first: Buffer): void {
    const { session } = this;
    this.#attempt = undefined;
    session.milestone('client logged in');
    session.action = 'proxying';
    session.record?.loggedIn();
    this.server.accessLog?.attempted(session, 'ok');
    session.forgetCredentials();
    this.#relay = new Relay(session, upstream, this.server.proxy.timeoutMs, (end) => this.#relayed(end));
    const early = this.#commands?.takeUnread() ?? EMPTY;
    this.#commands = undefined;
    this.#protocol = undefined;
    this.#relay.start(early, first);
  }

  #relayed(end: RelayEnd): void {
    this.#end(tellRelayEnd(this.session, end));
  }

  /** worker_shutdown_timeout: ends a relay; a session that is not there yet goes on. */
  shutdown(): void {
    if (this.#relay !== undefined) this.#websocket?.leave();
    this.#relay?.end({ kind: 'shutdown' });
  }

  get state(): SessionState {
    if (this.#relay !== undefined) return 'relay';
    if (this.#attempt === undefined) return 'commands';
    return this.#attempt.isHeld === true ? 'held' : 'login';
  }

  /** From outside: the client is told where that is possible. */
  kick(): void {
    if (this.#relay !== undefined) {
      this.#relay.end({ kind: 'kicked' });
      return;
    }
    this.session.info(KICKED);
    this.session.note('kicked');
    const { ssl, websocket } = this.#options;
    const waitsForTls = (ssl || this.session.usingStarttls) && this.session.tls === undefined;
    if (waitsForTls || (websocket && this.#websocket?.isJoined !== true)) this.terminate();
    else this.finish(this.server.core.protocol.lines.ended);
  }

  /** Fast stop: closes everything at once, without a word. */
  terminate(): void {
    const relay = this.#relay;
    this.#websocket?.leave();
    this.#end('stopped');
    if (relay === undefined) this.session.conn.destroy();
    else relay.destroy();
  }

  #fault(error: unknown): void {
    reportFault(this.session, error);
    this.terminate();
  }

  timedOut(): void {
    this.session.info(`client timed out ${TIMED_OUT}`);
    this.#end('timeout');
    this.session.conn.destroy();
  }

  lost(error: Error | undefined): void {
    const record = error === undefined ? undefined : clientFailure(error);
    if (record !== undefined) this.session.log.write(record.level, record.text, this.session);
    this.#end('client_closed');
    this.session.conn.finish();
  }

  finish(line: Buffer): void {
    this.session.conn.write(line);
    this.#end('quit');
    this.session.conn.finish();
  }

  /**
   * Lets go of everything but the client's connection.
   * @param end why, where nothing more exact was noted
   */
  #end(end: SessionEnd): void {
    if (this.session.closed) return;
    this.session.closed = true;
    this.#abort?.abort();
    if (this.#relay !== undefined) this.session.counters?.relayed();
    this.#attempt?.cancel();
    this.#commands?.discard();
    this.session.abortLogin();
    this.session.forgetCredentials();
    this.session.finish(end);
    try {
      this.server.accessLog?.ended(this.session, this.#attempt !== undefined);
    } finally {
      this.session.letGo?.();
      this.#onEnd(this);
    }
  }
}
