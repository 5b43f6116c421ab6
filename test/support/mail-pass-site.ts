// A server whose http block passes WebSockets to its mail block, with a backend that sends back what it is sent.
import type { Scope } from './cleanup.ts';
import { type BackendScript, type FakeBackend, imapBackend, startBackend } from './fake-backend.ts';
import { type MailServer, startServer } from './server.ts';
import { pem } from './tls.ts';
import { type Handshake, WebSocketClient } from './websocket-client.ts';
import type { Wire } from './wire.ts';

export interface MailPassSite {
  readonly server: MailServer;
  readonly backend: FakeBackend;
  /** @param at `web`, or `wss` for TLS */
  open(path: string, options?: Partial<Handshake>, at?: 'web' | 'wss'): Promise<WebSocketClient>;
  /** Ends all of them. */
  leave(): void;
  /** The same, greeted and logged in. */
  enter(path: string, at?: 'web' | 'wss'): Promise<WebSocketClient>;
}

export interface MailPassOptions {
  readonly main?: string;
  /** Of the http block. */
  readonly block?: string;
  /** More locations. */
  readonly locations?: string;
  readonly script?: BackendScript;
}

const TLS = 'ssl_certificate rsa.pem; ssl_certificate_key rsa.key;';

export async function mailPassSite(scope: Scope, options: MailPassOptions = {}): Promise<MailPassSite> {
  const { main = '', block = '', locations = '', script = imapBackend } = options;
  const backend = await startBackend(scope, script);
  const config = `${main}
    http {
      log_format pass '$remote_addr $request $status';
      access_log @DIR@/access.log pass;
      ${TLS} ${block}
      server { listen @auth@; location / {
        add_header Auth-Status OK; add_header Auth-Server ${backend.host}; add_header Auth-Port ${backend.port};
        add_header Auth-Seen "$http_client_ip $http_auth_ssl"; return 204; } }
      server { listen @web@; listen @wss@ ssl;
        location /imap { mail_pass @imap@; }
        location /tls { mail_pass @tls@; }
        location /only { mail_pass @only@; }
        ${locations}
      }
    }
    mail { auth_http @auth@/; ${TLS}
      server { listen @imap@; protocol imap; starttls on; }
      server { listen @tls@ ssl proxy_protocol; protocol imap; }
      server { listen @only@; protocol imap; starttls only; }
    }`;
  const server = await startServer(scope, {
    config,
    files: { 'rsa.pem': pem('server-rsa.pem'), 'rsa.key': pem('server-rsa.key') },
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
