// A server that takes WebSockets for mail, by its http block or by itself, with a backend that sends back what it is sent.
import type { Scope } from './cleanup.ts';
import { type BackendScript, type FakeBackend, imapBackend, startBackend } from './fake-backend.ts';
import { type MailServer, startServer } from './server.ts';
import type { Target } from './target.ts';
import { pem } from './tls.ts';
import { type Handshake, WebSocketClient } from './websocket-client.ts';
import type { Wire } from './wire.ts';

export interface MailPassSite {
  readonly server: MailServer;
  readonly backend: FakeBackend;
  /** @param at `web`, `wss` for TLS, or another listener in clear */
  open(path: string, options?: Partial<Handshake>, at?: string): Promise<WebSocketClient>;
  /** Ends all of them. */
  leave(): void;
  /** The same, greeted and logged in. */
  enter(path: string, at?: string): Promise<WebSocketClient>;
}

/** `mail_pass` in a location, or `listen … websocket` in a mail server: the addresses are the same. */
export type Way = 'mail_pass' | 'listen';

/** Each way over each transport, which is that of mail servers and backends: http has streams always. */
export function waysIn(): readonly { readonly name: string; readonly way: Way; readonly main: string }[] {
  const named = process.env.POSTERN_TEST_TRANSPORT !== undefined;
  const ways: readonly (readonly [Way, string])[] = named
    ? [
        ['mail_pass', ''],
        ['listen', ''],
      ]
    : [
        ['mail_pass', 'handle'],
        ['listen', 'handle'],
        ['listen', 'net'],
      ];
  return ways.map(([way, transport]) => ({
    name: `${way} ${transport}`.trim(),
    way,
    main: transport === '' ? '' : `transport ${transport};`,
  }));
}

export interface MailPassOptions {
  readonly way?: Way;
  readonly main?: string;
  /** Of the block that takes them: http or mail. */
  readonly block?: string;
  /** Before the first one of the mail server, as `proxy_protocol`. */
  readonly parameters?: string;
  /** More locations. */
  readonly locations?: string;
  /** More servers of mail. */
  readonly servers?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly target?: Target;
  readonly script?: BackendScript;
}

const TLS = 'ssl_certificate rsa.pem; ssl_certificate_key rsa.key;';

export async function mailPassSite(scope: Scope, options: MailPassOptions = {}): Promise<MailPassSite> {
  const { main = '', block = '', locations = '', parameters = '', servers = '', script = imapBackend } = options;
  const isPassed = options.way !== 'listen';
  const backend = await startBackend(scope, script);
  const config = `${main}
    http {
      log_format pass '$remote_addr $request $status';
      access_log @DIR@/access.log pass;
      ${TLS} ${isPassed ? block : ''}
      server { listen @auth@; location / {
        add_header Auth-Status OK; add_header Auth-Server ${backend.host}; add_header Auth-Port ${backend.port};
        add_header Auth-Seen "$http_client_ip $http_auth_ssl"; return 204; } }
      ${
        isPassed
          ? `server { listen @web@ ${parameters}; listen @wss@ ssl ${parameters};
        location /imap { mail_pass @imap@; }
        location /tls { mail_pass @tls@; }
        location /only { mail_pass @only@; }
        ${locations}
      }`
          : ''
      }
    }
    mail { auth_http @auth@/; ${TLS} ${isPassed ? '' : block}
      ${
        isPassed
          ? ''
          : `server { listen @web@ websocket ${parameters}; listen @wss@ ssl websocket ${parameters};
        protocol imap; starttls on; websocket_path /imap; }`
      }
      server { listen @imap@; protocol imap; starttls on; }
      server { listen @tls@ ssl proxy_protocol; protocol imap; }
      server { listen @only@; protocol imap; starttls only; }
      ${servers}
    }`;
  const server = await startServer(scope, {
    config,
    ...(options.target === undefined ? {} : { target: options.target }),
    files: {
      'rsa.pem': pem('server-rsa.pem'),
      'rsa.key': pem('server-rsa.key'),
      'ca.pem': pem('ca.pem'),
      ...options.files,
    },
  });
  const wires: Wire[] = [];
  const leave = (): void => {
    for (const wire of wires) wire.destroy();
  };
  scope.after(leave);
  const open: MailPassSite['open'] = async (path, more = {}, at = 'web') => {
    const wire = await server.connect(at, at === 'wss' ? { tls: { rejectUnauthorized: false } } : {});
    wires.push(wire);
    return WebSocketClient.open(wire, { path, ...more });
  };
  const enter: MailPassSite['enter'] = async (path, at) => {
    const client = await open(path, {}, at);
    await client.line();
    await client.send('a LOGIN jo secret\r\n');
    await client.line();
    return client;
  };
  return { server, backend, open, enter, leave };
}
