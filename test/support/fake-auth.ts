// An auth server (HTTP/1.0, nginx's auth_http) that records raw requests and answers by script, well or badly.
import { createServer, type Server } from 'node:net';
import { latin1 } from './bytes.ts';
import type { Scope } from './cleanup.ts';
import { Changes } from './in-time.ts';
import { ownAddress } from './ports.ts';
import { Wire } from './wire.ts';

/** A request as it came. */
export class AuthRequest {
  readonly raw: Buffer;
  readonly #lines: readonly string[];

  constructor(raw: Buffer) {
    this.raw = raw;
    this.#lines = raw.toString('latin1').split('\r\n');
  }

  get requestLine(): string {
    return this.#lines[0] ?? '';
  }

  /** The value of a header; undefined where it is absent. The name is compared exactly. */
  header(name: string): string | undefined {
    return this.#lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  }
}

/** What becomes of the connection after the answer: nginx closes it, or we do, or nobody. */
export type AuthEnding = 'wait' | 'close' | 'reset';

export interface AuthAnswer {
  /** Exact bytes; empty: none. A string has one byte per character. */
  readonly bytes: string | Buffer;
  readonly ending?: AuthEnding;
  /** Send in pieces of this many bytes, each in a segment of its own. */
  readonly piece?: number;
  /** Send nothing before this resolves. */
  readonly after?: Promise<void>;
}

/** Decides what to answer. `index` counts the requests from 0. */
export type AuthScript = (request: AuthRequest, index: number) => string | AuthAnswer | Promise<string | AuthAnswer>;

/** A response of header lines. */
export function response(...headers: readonly string[]): string {
  return `HTTP/1.0 200 OK\r\n${headers.map((h) => `${h}\r\n`).join('')}\r\n`;
}

/** Lets the session in, to a backend; further header lines may replace login and password. */
export function accept(
  backend: { readonly host: string; readonly port: number },
  ...headers: readonly string[]
): string {
  return response('Auth-Status: OK', `Auth-Server: ${backend.host}`, `Auth-Port: ${backend.port}`, ...headers);
}

/** Refuses with a text. */
export function refuse(text: string, ...headers: readonly string[]): string {
  return response(`Auth-Status: ${text}`, ...headers);
}

export class FakeAuth {
  readonly host: string;
  readonly port: number;
  readonly requests: AuthRequest[] = [];
  /** Bytes of connections that closed before a whole request. */
  readonly incomplete: Buffer[] = [];
  readonly #server: Server;
  readonly #wires = new Set<Wire>();
  readonly #arrivals = new Changes();
  script: AuthScript;

  constructor(server: Server, host: string, port: number, script: AuthScript) {
    this.#server = server;
    this.host = host;
    this.port = port;
    this.script = script;
    server.on('connection', (socket) => void this.#serve(new Wire(socket)));
  }

  /** For `auth_http`. */
  get url(): string {
    return `http://${this.host}:${this.port}/auth`;
  }

  /** Waits for the request with this index, counted from 0. */
  request(index: number): Promise<AuthRequest> {
    return this.#arrivals.until(() => this.requests[index], `auth request ${index}`);
  }

  close(): void {
    this.#server.close();
    for (const wire of this.#wires) wire.destroy();
  }

  async #serve(wire: Wire): Promise<void> {
    this.#wires.add(wire);
    try {
      await wire.match(/\r\n\r\n/, 60_000);
      const request = new AuthRequest(wire.received);
      this.requests.push(request);
      this.#arrivals.tell();
      const answer = await this.script(request, this.requests.length - 1);
      await reply(wire, typeof answer === 'string' ? { bytes: answer } : answer);
      await wire.closed(60_000);
    } catch {
      if (!wire.received.includes('\r\n\r\n')) this.incomplete.push(wire.received);
    } finally {
      wire.destroy();
      this.#wires.delete(wire);
    }
  }
}

async function reply(wire: Wire, answer: AuthAnswer): Promise<void> {
  await answer.after;
  const bytes = typeof answer.bytes === 'string' ? latin1(answer.bytes) : answer.bytes;
  const piece = Math.max(1, answer.piece ?? bytes.length);
  for (let at = 0; at < bytes.length; at += piece) await wire.send(bytes.subarray(at, at + piece));
  if (answer.ending === 'close') wire.end();
  if (answer.ending === 'reset') wire.reset();
}

/** Listens on the process's own address, on a free port or the given one. */
export async function startAuth(
  scope: Scope,
  script: AuthScript,
  where: { readonly host?: string; readonly port?: number } = {},
): Promise<FakeAuth> {
  const host = where.host ?? ownAddress();
  const server = createServer({ allowHalfOpen: true });
  const port = await listen(server, host, where.port ?? 0);
  const auth = new FakeAuth(server, host, port, script);
  scope.after(() => auth.close());
  return auth;
}

/** Listens; @returns the port. Fails as the system says. */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true, backlog: 511 }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : 0);
    });
  });
}
