// What comes before the first request of a connection: the PROXY header, the TLS handshake, and the choice of a server.
import type { ByteString } from '../../conf/directive.ts';
import { Level, type Log, type LogContext } from '../../core/log.ts';
import { clientFailure } from '../../net/failure.ts';
import { acceptProxyHeader, NO_HEADER } from '../../net/proxy-protocol/accept.ts';
import type { ClientHello } from '../../net/tls/client-hello.ts';
import type { ServerTls } from '../../net/tls/context.ts';
import type { TlsOutcome } from '../../net/tls/outcome.ts';
import { httpTags } from '../log-tags.ts';
import { HttpFault } from '../request/fault.ts';
import { hostOf } from '../request/host.ts';
import type { HttpAddress, Reached } from '../servers/addresses.ts';
import { findServer } from '../servers/server-names.ts';
import type { HttpConnection } from './connection.ts';

export interface EntranceOptions {
  readonly client: HttpConnection;
  readonly address: HttpAddress;
  /** Of the default server. */
  readonly log: Log;
  /** For each of the steps. */
  readonly timeoutMs: number;
  /** Requests may come; the connection is paused. */
  entered(reached: Reached): void;
  /** There will be none. */
  ended(): void;
}

/** OpenSSL's ALPN list of nginx, less HTTP/2. */
const ALPN: readonly string[] = ['http/1.1', 'http/1.0', 'http/0.9'];
const TIMED_OUT = 'client timed out (110: Connection timed out)';

export class Entrance implements LogContext {
  readonly connection: number;
  readonly #options: EntranceOptions;
  #action: ByteString = 'reading PROXY protocol';
  #reached: Reached;
  #isOver = false;

  constructor(options: EntranceOptions) {
    this.#options = options;
    this.connection = options.client.number;
    const { address } = options;
    this.#reached = { address, server: address.defaultServer, isNamed: false };
  }

  start(): void {
    const { client, address, timeoutMs } = this.#options;
    const { conn } = client;
    if (!address.listen.options.proxyProtocol) {
      this.#secure();
      return;
    }
    acceptProxyHeader(conn, timeoutMs, {
      accepted: (info) => {
        client.proxied = info;
        this.#secure();
      },
      broken: (log) => this.#refuse(Level.error, log),
      ended: () => {
        if (address.listen.options.ssl) this.#refuse(Level.error, NO_HEADER);
        else this.#refuse(Level.info, 'client closed connection');
      },
      timedOut: () => this.#refuse(Level.info, TIMED_OUT),
      closed: (error) => {
        const failure = error === undefined ? undefined : clientFailure(error);
        this.#refuse(failure?.level ?? Level.info, failure?.text);
      },
    });
  }

  /** Graceful stop: a client that has sent something may go on. */
  drain(): void {
    const { client } = this.#options;
    client.closing = true;
    if (!client.conn.hasReceived) this.destroy();
  }

  destroy(): void {
    this.#options.client.conn.abandon();
    this.#end();
  }

  readonly logTags = httpTags;

  logFields(): Readonly<Record<string, ByteString>> {
    const { client, address } = this.#options;
    return { action: this.#action, client: client.remoteAddress, server: address.text };
  }

  logSuffix(): ByteString {
    const { client, address } = this.#options;
    return ` while ${this.#action}, client: ${client.remoteAddress}, server: ${address.text}`;
  }

  #secure(): void {
    const { client, address, timeoutMs } = this.#options;
    const { conn } = client;
    if (!address.listen.options.ssl) {
      this.#enter();
      return;
    }
    this.#action = 'SSL handshaking';
    conn.deadline(timeoutMs);
    const chooser = {
      choose: (hello: ClientHello) => this.#choose(hello),
      plain: () => {
        client.lacksTls = true;
        this.#enter();
      },
    };
    conn.startTls(chooser, ALPN, (outcome) => this.#secured(outcome));
  }

  /** The server that the client names decides about everything; without certificates of its own it has the default's. */
  #choose({ serverName }: ClientHello): ServerTls | ByteString {
    const { address } = this.#options;
    const host = serverName === undefined ? undefined : hostOf(serverName);
    const search = host === undefined ? undefined : findServer(address.names, host);
    const found = search instanceof HttpFault ? undefined : search?.server;
    const server = found ?? address.defaultServer;
    this.#reached = { address, server, isNamed: found !== undefined };
    if (server.ssl.rejectsHandshake) return 'handshake rejected';
    return server.ssl.tls ?? address.defaultServer.ssl.tls ?? 'handshake rejected';
  }

  #secured(outcome: TlsOutcome): void {
    if (outcome.kind === 'secure') {
      this.#options.client.tls = outcome.info;
      this.#enter();
      return;
    }
    if (this.#isOver) return;
    this.#log(Level.info, outcome.kind === 'timeout' ? TIMED_OUT : outcome.log);
    this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.ended();
  }

  #enter(): void {
    this.#options.entered(this.#reached);
  }

  #refuse(level: Level, text: ByteString | undefined): void {
    if (text !== undefined) this.#log(level, text);
    this.destroy();
  }

  #log(level: Level, text: ByteString): void {
    this.#options.log.write(level, text, this);
  }
}
