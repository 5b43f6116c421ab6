// The head of a response in nginx's order, as a flat list of names and values for node:http.
import type { ByteString } from '../../conf/directive.ts';
import { clientModule } from '../connection/client-module.ts';
import type { HttpRequest } from '../request/request.ts';
import { escapePath } from '../request/uri.ts';
import { httpCoreModule } from '../servers/core-module.ts';
import { reasonOf, shownStatus } from './status.ts';

export interface Head {
  readonly status: number;
  readonly reason: string;
  readonly fields: readonly string[];
  readonly keepsAlive: boolean;
}

/** Nothing that a peer sent may end a header line. */
const CONTROL = /[^\t -~\x80-\xff]/g;

/** node:http sends no line with another name. */
const TOKEN = /^[!#-'*+.0-9A-Z^_`a-z|~-]+$/;

/** Only what answers with a file tells when that was modified. */
const DATED: readonly number[] = [200, 206, 304];

/** @param server the value of the Server line */
export function buildHead(request: HttpRequest, server: ByteString, keepsAlive: boolean): Head {
  const { response, message } = request;
  const { status } = response;
  const fields: string[] = [];
  const add = (name: ByteString, value: ByteString): number => fields.push(name, value.replace(CONTROL, ''));
  if (!response.replaced.has('Server')) add('Server', server);
  if (!response.replaced.has('Date')) add('Date', new Date().toUTCString());
  const { contentType = '' } = response;
  if (contentType !== '' && status !== 204) add('Content-Type', contentType);
  const { keepaliveHeaderS, chunkedTransferEncoding } = request.conf(clientModule.loc);
  const hasBody = request.method !== 'HEAD' && status >= 200 && status !== 204 && status !== 304;
  const isHttp11 = message.httpVersionMajor === 1 && message.httpVersionMinor >= 1;
  const isChunked = hasBody && response.length === undefined && isHttp11 && chunkedTransferEncoding;
  response.isChunked = isChunked;
  const staysOpen = keepsAlive && (isChunked || response.length !== undefined || !hasBody);
  if (status !== 204 && response.length !== undefined) add('Content-Length', String(response.length));
  if (response.lastModifiedMs !== undefined && DATED.includes(status))
    add('Last-Modified', new Date(response.lastModifiedMs).toUTCString());
  const { absoluteRedirect } = request.conf(httpCoreModule.loc);
  const isRelative = absoluteRedirect && response.location?.startsWith('/') === true;
  if (isRelative) {
    response.location = absolute(request, response.location ?? '');
    add('Location', response.location);
  }
  if (isChunked) add('Transfer-Encoding', 'chunked');
  add('Connection', staysOpen ? 'keep-alive' : 'close');
  if (staysOpen && keepaliveHeaderS !== undefined) add('Keep-Alive', `timeout=${keepaliveHeaderS}`);
  if (!isRelative && response.location !== undefined) add('Location', response.location);
  for (const [name, value] of response.fields) if (TOKEN.test(name)) add(name, value);
  const shown = shownStatus(status);
  return { status: shown, reason: response.reason ?? reasonOf(shown), fields, keepsAlive: staysOpen };
}

/** Bytes that it takes on the wire. */
export const headSize = ({ reason, fields }: Head): number =>
  `HTTP/1.1 200 ${reason}\r\n\r\n`.length + fields.join('').length + fields.length * '\r\n'.length;

/** A redirect of ours, with scheme, host and port where the location wants them. */
function absolute(request: HttpRequest, path: ByteString): ByteString {
  const { portInRedirect, serverNameInRedirect } = request.conf(httpCoreModule.loc);
  const { tls, local } = request.client;
  const own = request.hasHost ? request.host : (local?.address ?? 'localhost');
  const usual = tls === undefined ? 80 : 443;
  const port = portInRedirect && local !== undefined && local.port !== usual ? `:${local.port}` : '';
  const host = serverNameInRedirect ? request.serverName : own;
  return `${tls === undefined ? 'http' : 'https'}://${host}${port}${path}`;
}

/** A path as it stands in a Location line, with the arguments that follow. */
export const pathWithArgs = (uri: ByteString, args: ByteString): ByteString =>
  escapePath(uri) + (args === '' ? '' : `?${args}`);
