// A connection that a test has dialled, with waits: what it received, how its handshake and itself ended.
import { type Connection, IGNORE } from '../../src/net/connection.ts';
import type { ClientTlsOutcome, TlsPeer } from '../../src/net/tls/client-outcome.ts';
import type { TlsEnd } from '../../src/net/tls/established.ts';
import type { Transport } from '../../src/net/transport.ts';
import type { Scope } from './cleanup.ts';
import { Changes, inTime } from './in-time.ts';

export class Dialled {
  readonly conn: Connection;
  received = '';
  hasEnded = false;
  isClosed = false;
  error: Error | undefined;
  readonly #changes = new Changes();

  constructor(scope: Scope, transport: Transport, port: number) {
    this.conn = transport.dial({ kind: 'inet', address: '127.0.0.1', port }, IGNORE);
    scope.after(() => this.conn.destroy());
    this.listen();
  }

  listen(): void {
    this.conn.handler = {
      ...IGNORE,
      onData: (chunk) => {
        this.received += chunk.toString('latin1');
        this.#changes.tell();
      },
      onEof: () => {
        this.hasEnded = true;
        this.#changes.tell();
      },
      onClose: (error) => {
        this.isClosed = true;
        this.error = error;
        this.#changes.tell();
      },
    };
  }

  until(condition: () => boolean, what: string): Promise<true> {
    return this.#changes.until(condition, what);
  }

  text(wanted: string): Promise<true> {
    return this.until(() => this.received.includes(wanted), JSON.stringify(wanted));
  }

  startTls(peer: TlsPeer): Promise<ClientTlsOutcome> {
    const outcome = new Promise<ClientTlsOutcome>((resolve) => {
      this.conn.startClientTls(peer, (end) => {
        if (end.kind === 'secure') this.listen();
        resolve(end);
      });
    });
    return inTime(outcome, 'the outcome of a handshake');
  }

  /** @throws where it fails */
  async secure(peer: TlsPeer): Promise<TlsEnd> {
    const outcome = await this.startTls(peer);
    if (outcome.kind !== 'secure') throw new Error(outcome.kind);
    this.conn.resume();
    return outcome.end;
  }
}
