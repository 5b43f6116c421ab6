// Makes a request of what node:http has parsed: the server by its Host, the URI, and what nginx refuses before that.
import type { ByteString } from '../../conf/directive.ts';
import type { Store } from '../../conf/store.ts';
import { Level, type Log } from '../../core/log.ts';
import { clientModule } from '../connection/client-module.ts';
import type { HttpConnection } from '../connection/connection.ts';
import type { Arrived } from '../connection/request-queue.ts';
import type { Reached, ServerEntry } from '../servers/addresses.ts';
import { httpCoreModule } from '../servers/core-module.ts';
import { findServer } from '../servers/server-names.ts';
import { misdirects, sslFault } from '../ssl/admission.ts';
import { tagsOf } from '../user-tag-module.ts';
import { READING_HEADERS, READING_LINE, READING_PIPELINED } from './broken.ts';
import { HttpFault } from './fault.ts';
import { checkHead } from './head-limits.ts';
import { findLineFault } from './head-lines.ts';
import { hostOf } from './host.ts';
import { HttpRequest, type Subrequest } from './request.ts';
import { acceptLines, RequestHeaders } from './request-headers.ts';
import { parseTarget, type Target, type TargetFault } from './uri.ts';

/** Why a request is refused before any phase. */
interface Refusal {
  readonly status: number;
  /** For the log, at info unless there is another level. */
  readonly text: ByteString;
  readonly level?: Level;
  readonly action: ByteString;
}

export interface Received {
  readonly request: HttpRequest;
  /** The status that ends it at once; why is in the log. */
  readonly refused: number | undefined;
}

/** @param logOf the log of a location, or of a server as such */
export function receive(
  client: HttpConnection,
  reached: Reached,
  { message, output, body }: Arrived,
  logOf: (store: Store) => Log,
  subrequest: Subrequest,
): Received {
  client.client = client.peer;
  const { address, server } = reached;
  const limits = server.store.get(clientModule.srv);
  const { method = '', url = '', httpVersion, rawHeaders } = message;
  const parsed = parseTarget(url, limits.mergeSlashes);
  const target = typeof parsed === 'string' ? undefined : parsed;
  const requestLine = `${method} ${url} HTTP/${httpVersion}`;
  const inFirst = lineFault(message.httpVersionMajor, parsed) ?? sizeFault(requestLine, rawHeaders, limits);
  const inLater = inFirst === undefined ? findLineFault(rawHeaders) : undefined;
  const fault = inFirst ?? (inLater === undefined ? undefined : inHeaders(400, inLater.text));
  const isLine = fault?.status !== 414 && message.httpVersionMajor === 1;
  const isRead = fault?.action !== READING_LINE;
  const lines = isRead ? (inLater === undefined ? rawHeaders : rawHeaders.slice(0, inLater.read)) : [];
  const given = target?.host ?? new RequestHeaders(lines).first('host');
  const host = given === undefined ? undefined : hostOf(given);
  const isNameless = !isRead || (given !== undefined && host === undefined);
  const search = isNameless ? undefined : findServer(address.names, host ?? '');
  const found = search instanceof HttpFault ? undefined : search;
  const chosen = isNameless ? server : (found?.server ?? address.defaultServer);
  const isMisdirected = fault === undefined && misdirects(client, reached, chosen);
  const entry = isMisdirected ? server : chosen;
  const rules = (level: ServerEntry) => level.store.get(httpCoreModule.srv);
  const accepted = acceptLines(lines, rules(server), rules(entry));
  const request = new HttpRequest({
    client,
    message,
    output,
    body,
    headers: new RequestHeaders(accepted.lines),
    store: entry.store,
    serverName: entry.name,
    host: isMisdirected ? undefined : host,
    target: isLine ? target : undefined,
    method,
    hasLine: isLine && parsed !== 'form',
    ...(fault?.status === 414 ? { line: `${requestLine}\r\n`.slice(0, limits.largeClientHeaderBuffers.size) } : {}),
    logOf,
    subrequest,
    tagsOf,
  });
  if (!isMisdirected && found !== undefined && host !== undefined) found.regex?.matchOrLog(request, host);
  const unfound = search instanceof HttpFault ? overrun(search) : undefined;
  const refusal = fault ?? (isMisdirected ? MISDIRECTED : (headFault(request) ?? unfound ?? tlsFault(client, entry)));
  request.action = READING_HEADERS;
  for (const line of accepted.ignored) request.info(`client sent invalid header line: "${line}"`);
  if (refusal !== undefined) {
    request.action = !isRead && client.pipelined ? READING_PIPELINED : refusal.action;
    request.log.write(refusal.level ?? Level.info, refusal.text, request);
    client.closing = true;
  }
  request.action = undefined;
  return { request, refused: refusal?.status };
}

const overrun = ({ status, message: text, level }: HttpFault): Refusal => ({
  status,
  text,
  level,
  action: READING_HEADERS,
});

const inLine = (status: number, text: ByteString): Refusal => ({ status, text, action: READING_LINE });
const inHeaders = (status: number, text: ByteString): Refusal => ({ status, text, action: READING_HEADERS });

const MISDIRECTED = inHeaders(
  421,
  'client attempted to request the server name different from the one that was negotiated',
);

function lineFault(major: number, target: Target | TargetFault): Refusal | undefined {
  if (major > 1) return inLine(505, 'client sent invalid version');
  if (typeof target === 'string' || major < 1) return inLine(400, 'client sent invalid request');
  if (target.host !== undefined && hostOf(target.host) === undefined)
    return inLine(400, 'client sent invalid host in request line');
  return undefined;
}

function sizeFault(
  line: ByteString,
  headers: readonly ByteString[],
  limits: Parameters<typeof checkHead>[2],
): Refusal | undefined {
  const fault = checkHead(line, headers, limits);
  if (fault === undefined) return undefined;
  return fault.status === 414 ? inLine(fault.status, fault.text) : inHeaders(fault.status, fault.text);
}

/** What nginx finds when it has all header lines. */
function headFault({ message, headers }: HttpRequest): Refusal | undefined {
  const isHttp11 = message.httpVersionMinor >= 1;
  if (headers.first('host') === undefined && isHttp11)
    return inHeaders(400, 'client sent HTTP/1.1 request without "Host" header');
  const coding = headers.get('transfer-encoding');
  if (coding !== undefined && !isHttp11) {
    return inHeaders(400, 'client sent HTTP/1.0 request with "Transfer-Encoding" header');
  }
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    return inHeaders(501, `client sent unknown "Transfer-Encoding": "${coding}"`);
  }
  if (message.method !== 'TRACE' && message.method !== 'CONNECT') return undefined;
  return inHeaders(405, `client sent ${message.method} method`);
}

function tlsFault(client: HttpConnection, server: ServerEntry): Refusal | undefined {
  const fault = sslFault(client, server);
  return fault === undefined ? undefined : inHeaders(fault.status, fault.text);
}
