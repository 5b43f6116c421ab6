// A server with a dashboard, two mail servers and a backend; and a page that watches, by its WebSocket.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { FromPage, Hello, Now, SessionsPage, Tail, ToPage, Watch } from '../../src/http/dashboard/messages.ts';
import type { Scope } from './cleanup.ts';
import { type BackendScript, type FakeBackend, imapBackend, startBackend } from './fake-backend.ts';
import { type MailServer, startServer } from './server.ts';
import { pem } from './tls.ts';
import { CLOSE, type Handshake, PING, PONG, TEXT, WebSocketClient } from './websocket-client.ts';
import type { Wire } from './wire.ts';

export interface DashboardSite {
  readonly server: MailServer;
  readonly backend: FakeBackend;
  /** @param at `web`, `wss` for TLS, or a unix socket, which holds less */
  watch(options?: Partial<Handshake>, at?: 'web' | 'wss' | 'unix' | 'other'): Promise<Page>;
  /** A client that is logged in. */
  enter(user?: string): Promise<Wire>;
  /** All of them go. */
  leave(): void;
}

export interface DashboardOptions {
  readonly main?: string;
  /** Of the http block. */
  readonly block?: string;
  /** In the dashboard's location. */
  readonly dashboard?: string;
  /** More locations. */
  readonly locations?: string;
  /** More of the mail block. */
  readonly mail?: (backend: FakeBackend) => string;
  readonly script?: BackendScript;
  readonly files?: Readonly<Record<string, string>>;
}

const TLS = 'ssl_certificate rsa.pem; ssl_certificate_key rsa.key;';

/** What a page hears of one kind. */
interface Messages {
  readonly hello: Hello;
  readonly now: Now;
  readonly sessions: SessionsPage;
  readonly events: Tail;
}

const WATCH: Watch = { kind: 'watch', question: 1, filter: {}, limit: 100, tail: false };

export class Page {
  readonly client: WebSocketClient;

  private constructor(client: WebSocketClient) {
    this.client = client;
  }

  static async open(wire: Wire, options: Partial<Handshake> = {}): Promise<Page> {
    return new Page(await WebSocketClient.open(wire, { path: '/dashboard/events', ...options }));
  }

  ask(message: Partial<Watch>): Promise<void> {
    const watch: FromPage = { ...WATCH, ...message };
    return this.client.send(Buffer.from(JSON.stringify(watch)), TEXT);
  }

  async message(): Promise<ToPage> {
    for (;;) {
      const { opcode, payload } = await this.client.frame();
      if (opcode === PING) await this.client.send(payload, PONG);
      else {
        assert.notEqual(opcode, CLOSE, `closed: ${payload.length >= 2 ? payload.readUInt16BE() : ''}`);
        assert.equal(opcode, TEXT);
        const message: ToPage = JSON.parse(payload.toString());
        return message;
      }
    }
  }

  /** The next one of a kind that is as wished; others are dropped. */
  async next<K extends keyof Messages>(kind: K, isWished: (message: Messages[K]) => boolean = () => true) {
    for (;;) {
      const message = await this.message();
      if (isOf(message, kind) && isWished(message)) return message;
    }
  }
}

const isOf = <K extends keyof Messages>(message: ToPage | Messages[K], kind: K): message is Messages[K] =>
  message.kind === kind;

function configOf(backend: FakeBackend, options: DashboardOptions): string {
  const { port, host } = backend;
  const { main = '', block = '', dashboard = '', locations = '' } = options;
  return `${main}
    http {
      log_format pass '$remote_addr $request $status $body_bytes_sent';
      access_log @DIR@/access.log pass;
      ${TLS} ${block}
      server { listen @auth@; location / {
        if ($http_auth_user = eve) { add_header Auth-Status "No <b>way</b>" always; return 204; }
        add_header Auth-Status OK; add_header Auth-Server ${host}; add_header Auth-Port ${port}; return 204; } }
      server { listen @web@; listen @wss@ ssl; listen unix:@DIR@/web.sock;
        location /dashboard { mail_dashboard; ${dashboard} }
        location /api { api write=on; }
        ${locations}
      }
    }
    mail { auth_http @auth@/; ${TLS}
      server { listen @imap@; protocol imap; server_name one; }
      server { listen @smtp@; protocol smtp; server_name two; }
      ${options.mail?.(backend) ?? ''}
    }`;
}

export async function dashboardSite(scope: Scope, options: DashboardOptions = {}): Promise<DashboardSite> {
  const backend = await startBackend(scope, options.script ?? imapBackend);
  const server = await startServer(scope, {
    config: configOf(backend, options),
    files: { 'rsa.pem': pem('server-rsa.pem'), 'rsa.key': pem('server-rsa.key'), ...options.files },
  });
  const wires: Wire[] = [];
  const leave = (): void => {
    for (const wire of wires) wire.destroy();
  };
  scope.after(leave);
  return {
    leave,
    server,
    backend,
    watch: async (more = {}, at = 'web') => {
      const wire =
        at === 'unix'
          ? await server.connect('web', { path: join(server.dir, 'web.sock') })
          : await server.connect(at, at === 'wss' ? { tls: { rejectUnauthorized: false } } : {});
      wires.push(wire);
      return Page.open(wire, more);
    },
    enter: async (user = 'jo') => {
      const wire = await server.connect('imap');
      wires.push(wire);
      await wire.line();
      await wire.send(`a LOGIN {${Buffer.byteLength(user)}}\r\n`);
      await wire.line();
      await wire.send(Buffer.from(`${user} secret\r\n`));
      await wire.line();
      return wire;
    },
  };
}
