// The client's side of a TLS handshake, without what carries it: the wait for the connection, the word to the caller.
import type { ByteString } from '../../conf/directive.ts';
import { type Connection, IGNORE } from '../connection.ts';
import type { ClientTlsDone, ClientTlsOutcome, TlsPeer } from './client-outcome.ts';
import { SessionKeeper } from './client-sessions.ts';
import type { TlsEnd } from './established.ts';
import { isHostName } from './peer-name.ts';
import { serverRefusal } from './verify-server.ts';

export abstract class ClientHandshake {
  protected readonly peer: TlsPeer;
  /** What SNI says; undefined: nothing. */
  protected readonly servername: ByteString | undefined;
  /** undefined: no session is resumed. */
  protected readonly keeper: SessionKeeper | undefined;
  readonly #conn: Connection;
  readonly #done: ClientTlsDone;
  #begun = false;
  #settled = false;
  #failure: Error | undefined;

  constructor(conn: Connection, peer: TlsPeer, done: ClientTlsDone) {
    this.#conn = conn;
    this.peer = peer;
    const { tls, name, sendsName, target } = peer;
    this.servername = sendsName && isHostName(name) ? name : undefined;
    this.keeper =
      tls.sessions === undefined ? undefined : new SessionKeeper(tls.sessions, `${target} ${sendsName} ${name}`);
    this.#done = done;
  }

  /** Nothing will come from the peer any more. */
  protected abstract get isOver(): boolean;
  /** Calls when the connection stands, and what was written is on its way. */
  protected abstract whenReady(then: () => void): void;
  /** Puts TLS over the connection, and sends the ClientHello. */
  protected abstract begin(): void;

  start(): void {
    this.#conn.handler = {
      ...IGNORE,
      // Whatever a server says before our hello, it is no reply to anything: TLS takes it.
      onData: (chunk) => {
        this.#conn.pause();
        this.#conn.unread(chunk);
      },
      onEof: () => this.closed(),
      onTimeout: () => this.#settle({ kind: 'timeout', begun: this.#begun }),
      onClose: (error) => {
        this.fail(error);
        this.closed();
      },
    };
    if (this.isOver) {
      this.#begun = true;
      process.nextTick(() => this.closed());
      return;
    }
    this.whenReady(() => {
      if (this.#settled) return;
      this.#begun = true;
      this.begin();
    });
  }

  protected get isSettled(): boolean {
    return this.#settled;
  }

  /** The first failure counts. */
  protected fail(error: Error | undefined): void {
    this.#failure ??= error;
  }

  protected closed(): void {
    this.#settle({ kind: 'failed', error: this.#failure, begun: this.#begun });
  }

  protected secured(end: TlsEnd): void {
    if (this.#settled) return;
    const refusal = serverRefusal(end, this.peer.tls, this.peer.name);
    if (refusal !== undefined) {
      this.#settle({ kind: 'refused', log: refusal });
      return;
    }
    this.keeper?.accept();
    this.#settled = true;
    this.#done({ kind: 'secure', end });
  }

  #settle(outcome: ClientTlsOutcome): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#conn.destroy();
    this.#done(outcome);
  }
}
