// The demo auth service: answers auth_http requests for one account (the auth_http protocol of nginx's mail module).
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { isDemoLogin } from './account.ts';
import { type DemoServer, listen } from './demo-server.ts';

/** Where the service sends a login, by the value of Auth-Protocol. */
export interface BackendPorts {
  readonly imap: number;
  readonly pop3: number;
  readonly smtp: number;
}

const MAX_CONNECTIONS = 64;
const MAX_HEADER_BYTES = 16_384;
const REQUEST_MS = 10_000;
/** Seconds that a refused client waits for its answer; it may then try again. */
const REFUSAL_WAIT_S = '1';

/** The answer to a request, as headers: the status line always says 200. */
export function decide(request: IncomingHttpHeaders, ports: BackendPorts): Record<string, string> {
  const port = backendPort(text(request['auth-protocol']), ports);
  if (port === undefined) return { 'Auth-Status': 'Unknown protocol' };
  const method = text(request['auth-method']);
  if (method !== 'plain') return { 'Auth-Status': 'Authentication method not supported' };
  if (!isDemoLogin(decode(text(request['auth-user'])), decode(text(request['auth-pass'])))) {
    return {
      'Auth-Status': 'Invalid login or password',
      'Auth-Wait': REFUSAL_WAIT_S,
    };
  }
  return {
    'Auth-Status': 'OK',
    'Auth-Server': '127.0.0.1',
    'Auth-Port': String(port),
  };
}

/** Listens on a port of 127.0.0.1, 0 for a free one. Rejects where it cannot be bound. */
export async function startAuthService(port: number, backends: BackendPorts): Promise<DemoServer> {
  const options = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: REQUEST_MS,
    requestTimeout: REQUEST_MS,
  };
  const server = createServer(options, (request, response) => {
    request.resume();
    response.writeHead(200, {
      ...decide(request.headers, backends),
      'Content-Length': '0',
      Connection: 'close',
    });
    response.end();
  });
  server.maxConnections = MAX_CONNECTIONS;
  return {
    port: await listen(server, port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function backendPort(protocol: string, ports: BackendPorts): number | undefined {
  switch (protocol) {
    case 'imap':
      return ports.imap;
    case 'pop3':
      return ports.pop3;
    case 'smtp':
      return ports.smtp;
    default:
      return undefined;
  }
}

const text = (value: string | string[] | undefined): string => (typeof value === 'string' ? value : '');

/** Login and password come with `%XX` for controls, space and `%`. */
const decode = (value: string): string =>
  value.replace(/%([0-9A-Fa-f]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
