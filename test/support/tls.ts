// A TLS server on loopback over the code under test, clients of Node.js, and the certificates in test/support/certs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { errnoNumber } from '../../src/core/errno.ts';
import { type Connection, IGNORE } from '../../src/net/connection.ts';
import { buildServerTls, type ServerTls } from '../../src/net/tls/context.ts';
import type { TlsInfo } from '../../src/net/tls/established.ts';
import type { TlsFiles } from '../../src/net/tls/files.ts';
import type { TlsOutcome } from '../../src/net/tls/outcome.ts';
import type { SessionZones } from '../../src/net/tls/session-zones.ts';
import type { TlsSettings } from '../../src/net/tls/settings.ts';
import type { Scope } from './cleanup.ts';
import { Changes, closed, event, inTime } from './in-time.ts';
import { ROOT } from './target.ts';
import { listenOver, testTransport } from './transports.ts';

export const CERTS = join(ROOT, 'test', 'support', 'certs');
export const pem = (name: string): Buffer => readFileSync(join(CERTS, name));

export const tlsFiles: TlsFiles = {
  confPrefix: `${CERTS}/`,
  readFile: (path) => {
    try {
      return readFileSync(path);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      return { errno: errnoNumber(code) ?? 5 };
    }
  },
};

/** The fixtures, and files that a test makes up: text, or an errno. */
export function filesWith(extra: Readonly<Record<string, string | Buffer | number>>): TlsFiles {
  return {
    confPrefix: tlsFiles.confPrefix,
    readFile: (path) => {
      const file = extra[path.slice(CERTS.length + 1)];
      if (typeof file === 'number') return { errno: file };
      return file === undefined ? tlsFiles.readFile(path) : Buffer.from(file);
    },
  };
}

const POSITION = { file: '/etc/nginx/nginx.conf', line: 5 };

/** nginx's defaults, with an RSA certificate. */
export function tlsSettings(over: Partial<TlsSettings> = {}): TlsSettings {
  return {
    need: { directive: 'listen ... ssl', position: POSITION },
    blockEnd: { ...POSITION, line: 9 },
    certificates: ['server-rsa.pem'],
    keys: ['server-rsa.key'],
    passphrases: undefined,
    protocols: new Set(['TLSv1.2', 'TLSv1.3']),
    ciphers: 'HIGH:!aNULL:!MD5',
    preferServerCiphers: false,
    dhparam: undefined,
    ecdhCurve: 'auto',
    verifyClient: 'off',
    verifyDepth: 1,
    clientCertificate: undefined,
    trustedCertificate: undefined,
    crl: undefined,
    sessionCache: { kind: 'none' },
    sessionTimeoutS: 300,
    sessionTickets: true,
    sessionTicketKeys: [],
    confCommands: [],
    ...over,
  };
}

export const buildTls = (over: Partial<TlsSettings> = {}, zones?: SessionZones): ServerTls =>
  buildServerTls(tlsSettings(over), tlsFiles, zones);

export const GREETING = '* OK ready\r\n';

/** How the connection of a finished handshake went on. */
export interface Ending {
  readonly data: string;
  readonly error: Error | undefined;
}

export class TlsServer {
  readonly port: number;
  readonly #outcomes: TlsOutcome[] = [];
  readonly #endings: Ending[] = [];
  readonly #changes = new Changes();

  constructor(port: number) {
    this.port = port;
  }

  add(outcome: TlsOutcome): void {
    this.#outcomes.push(outcome);
    this.#changes.tell();
  }

  end(ending: Ending): void {
    this.#endings.push(ending);
    this.#changes.tell();
  }

  /** How the next connection's handshake ends. */
  outcome(): Promise<TlsOutcome> {
    return this.#changes.until(() => this.#outcomes.shift(), 'the outcome of a handshake');
  }

  async secure(): Promise<TlsInfo> {
    const outcome = await this.outcome();
    if (outcome.kind !== 'secure') throw new Error(outcome.kind === 'failed' ? outcome.log : outcome.kind);
    return outcome.info;
  }

  /** How the next connection ends of those that had a handshake. */
  ending(): Promise<Ending> {
    return this.#changes.until(() => this.#endings.shift(), 'the end of a TLS connection');
  }
}

export interface ServeOptions {
  /** Works on the plain connection, and calls `go` when TLS may begin. */
  readonly before?: (conn: Connection, go: () => void) => void;
  /** Called in place of the greeting. */
  readonly secured?: (conn: Connection, info: TlsInfo) => void;
  readonly deadlineMs?: number;
}

/** Greets over TLS, keeps what it reads, and closes when the client does. */
export async function serveTls(t: Scope, tls: ServerTls, options: ServeOptions = {}): Promise<TlsServer> {
  const settled = (conn: Connection, outcome: TlsOutcome): void => {
    if (outcome.kind === 'secure') {
      let data = '';
      conn.handler = {
        ...IGNORE,
        onData: (chunk) => {
          data += chunk.toString('latin1');
        },
        onEof: () => {
          server.end({ data, error: undefined });
          conn.finish(1000);
        },
        onClose: (error) => server.end({ data, error }),
      };
      conn.resume();
      if (options.secured === undefined) conn.write(Buffer.from(GREETING));
      else options.secured(conn, outcome.info);
    }
    server.add(outcome);
  };
  const port = listenOver(testTransport, t, ({ connection: conn }) => {
    conn.deadline(options.deadlineMs ?? 10_000);
    const go = (): void => conn.startTls(tls, ['imap'], (outcome) => settled(conn, outcome));
    if (options.before === undefined) go();
    else options.before(conn, go);
  });
  const server = new TlsServer(port);
  return server;
}

export interface ClientSession {
  readonly socket: TLSSocket;
  /** The first line. */
  readonly line: string;
  readonly reused: boolean;
  /** The last session that the server has offered so far. */
  readonly session: Buffer | undefined;
}

/** Connects, and waits for the first line. @throws the client's error */
export async function visit(t: Scope, port: number, options: ConnectionOptions = {}): Promise<ClientSession> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  t.after(() => {
    socket.destroy();
  });
  let session: Buffer | undefined;
  socket.on('session', (offered) => {
    session = offered;
  });
  socket.on('error', () => {});
  const [line]: Buffer[] = await event(socket, 'data', 'the first line over TLS');
  return {
    socket,
    line: line?.toString('latin1') ?? '',
    reused: socket.isSessionReused(),
    get session() {
      return session;
    },
  };
}

/** The same, and goes away again by the book. */
export async function call(t: Scope, port: number, options: ConnectionOptions = {}): Promise<ClientSession> {
  const client = await visit(t, port, options);
  client.socket.end();
  await closed(client.socket);
  return client;
}

/** The ClientHello that Node.js sends. */
export async function clientHello(options: ConnectionOptions = {}): Promise<Buffer> {
  let seen: (hello: Buffer) => void = () => {};
  const hello = new Promise<Buffer>((resolve) => {
    seen = resolve;
  });
  const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
    seen(chunk);
    done();
  };
  const client = connect({ ...options, socket: new Duplex({ read: () => {}, write }) });
  client.on('error', () => {});
  const bytes = await inTime(hello, 'a ClientHello');
  client.destroy();
  return bytes;
}
