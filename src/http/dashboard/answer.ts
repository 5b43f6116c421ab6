// Answers a request to a dashboard: the page, its files, or the WebSocket that it is told by.
import type { ByteString } from '../../conf/directive.ts';
import { pathWithArgs } from '../answer/head.ts';
import type { Outcome } from '../define.ts';
import type { HttpRequest } from '../request/request.ts';
import type { DashboardSite } from './conf.ts';
import type { PageFile } from './page-files.ts';
import { type Watching, watch } from './watch.ts';

const MOVED = 301;
const NOT_FOUND = 404;
const NOT_ALLOWED = 405;
const EVENTS = 'events';
/** Nothing that could end the value of a header, or a source within it. */
const HOST = /^[A-Za-z0-9.:[\]-]{1,255}$/;

export function answerDashboard(
  request: HttpRequest,
  { base, files, server }: DashboardSite,
  watching: Watching,
): Outcome | Promise<Outcome> {
  const { response, uri } = request;
  response.fields.push(...PROTECTION, ['Content-Security-Policy', policyFor(request)]);
  // A rewrite may have led elsewhere, and a location of /dashboard has /dashboards as well.
  const name = uri.startsWith(`${base}/`) ? uri.slice(base.length + 1) : undefined;
  if (name === EVENTS) return watch(request, server, watching);
  const file = name === undefined ? undefined : files.get(name);
  if (file === undefined) {
    if (uri !== base) return NOT_FOUND;
    response.location = pathWithArgs(`${base}/`, request.args);
    return MOVED;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.fields.push(['Allow', 'GET, HEAD']);
    return NOT_ALLOWED;
  }
  send(request, file);
  return 'done';
}

function send({ response }: HttpRequest, { body, contentType, etag }: PageFile): void {
  response.status = 200;
  response.contentType = contentType;
  response.etag = etag;
  response.fields.push(['ETag', etag]);
  response.setBody(body);
  response.length = body.length;
}

const PROTECTION: readonly [ByteString, ByteString][] = [
  ['Cache-Control', 'no-cache'],
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
];

/** The last one: what is text never becomes markup, where a browser sees to it. */
const NOTHING_ELSE =
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/** WebSockets of the same host are 'self' for some browsers only: the others want its name. */
function policyFor({ client, headers }: HttpRequest): ByteString {
  const host = headers.first('host') ?? '';
  // In clear here, it may be TLS with a proxy in front.
  const schemes = client.tls === undefined ? ['ws', 'wss'] : ['wss'];
  const sources = HOST.test(host) ? schemes.map((scheme) => ` ${scheme}://${host}`).join('') : '';
  return `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'${sources}; ${NOTHING_ELSE}`;
}
