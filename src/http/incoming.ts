// Makes a request of what node:http has parsed: the server by its Host, the URI, and what nginx refuses before that.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../core/log.ts';
import type { HttpAddress, ServerEntry } from './addresses.ts';
import type { HttpConnection } from './connection.ts';
import { httpCoreModule } from './core-module.ts';
import { HttpRequest } from './request.ts';
import { acceptLines, RequestHeaders } from './request-headers.ts';
import { parseTarget } from './uri.ts';

export interface Received {
  readonly request: HttpRequest;
  /** The status that ends it at once. */
  readonly refused: number | undefined;
}

/** A name or address, a port at the end. */
const HOST = /^(\[[0-9a-f:.]*\]|[!-.0-9;-~\x80-\xff]*)(?::\d*)?$/i;

/** @param logOf the log of a server that was chosen */
export function receive(
  client: HttpConnection,
  { names, defaultServer }: HttpAddress,
  message: IncomingMessage,
  output: ServerResponse,
  logOf: (entry: ServerEntry) => Log,
): Received {
  const target = parseTarget(message.url ?? '');
  const hosts = message.rawHeaders.filter((_text, i, all) => i % 2 === 1 && all[i - 1]?.toLowerCase() === 'host');
  const given = target?.host ?? hosts[0];
  const match = given === undefined ? undefined : HOST.exec(given);
  const host = (match?.[1] ?? '').toLowerCase().replace(/\.$/, '');
  const found = given === undefined ? undefined : names.find(host);
  const entry = found?.server ?? defaultServer;
  const rules = (server: ServerEntry) => server.store.get(httpCoreModule.srv);
  const { lines, ignored } = acceptLines(message.rawHeaders, rules(defaultServer), rules(entry));
  const request = new HttpRequest({
    client,
    message,
    output,
    headers: new RequestHeaders(lines),
    store: entry.store,
    serverName: entry.name,
    host: host === '' ? entry.name : host,
    uri: target?.uri ?? '/',
    args: target?.args ?? '',
    log: logOf(entry),
  });
  found?.regex?.match(request, host);
  if (ignored.length > 0) {
    request.action = 'reading client request headers';
    for (const line of ignored) request.info(`client sent invalid header line: "${line}"`);
    request.action = undefined;
  }
  const needsHost = message.httpVersionMajor === 1 && message.httpVersionMinor >= 1;
  const isBadHost =
    hosts.length > 1 || (given === undefined ? needsHost : match === null || match === undefined || host === '');
  if (message.httpVersionMajor !== 1) return { request, refused: 505 };
  if (target === undefined || isBadHost) return { request, refused: 400 };
  return { request, refused: message.method === 'TRACE' || message.method === 'CONNECT' ? 405 : undefined };
}
