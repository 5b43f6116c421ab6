// Makes an upstream's answer the response to the client: which header lines go on, and which mean something here.
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { ByteString } from '../../conf/directive.ts';
import type { Outcome } from '../define.ts';
import type { HttpRequest } from '../request/request.ts';
import { parseTarget } from '../request/uri.ts';
import type { Fields, UpstreamAnswer } from './attempt.ts';

/** Names of `proxy_ignore_headers`, as messages spell them. */
export const IGNORABLE = [
  'X-Accel-Redirect',
  'X-Accel-Expires',
  'X-Accel-Limit-Rate',
  'X-Accel-Buffering',
  'X-Accel-Charset',
  'Expires',
  'Cache-Control',
  'Set-Cookie',
  'Vary',
] as const;
export type Ignorable = (typeof IGNORABLE)[number];

export interface AnswerRules {
  /** Lower case. */
  readonly hidden: ReadonlySet<ByteString>;
  readonly ignored: ReadonlySet<Ignorable>;
  /** Whether an error page takes the place of an answer with this status. */
  readonly intercepts: (request: HttpRequest, status: number) => boolean;
  /** The new value of a Location or Refresh. undefined: it stays */
  readonly rewriteLocation: (request: HttpRequest, value: ByteString) => ByteString | undefined;
  readonly rewriteRefresh: (request: HttpRequest, value: ByteString) => ByteString | undefined;
  readonly rewriteCookie: (request: HttpRequest, value: ByteString) => ByteString | undefined;
}

const HIDDEN = ['x-accel-expires', 'x-accel-redirect', 'x-accel-limit-rate', 'x-accel-buffering', 'x-accel-charset'];

/** @param usual hidden besides X-Accel-… @param passed of pass_header @param hidden of hide_header */
export function hiddenFields(
  usual: readonly ByteString[],
  passed: readonly ByteString[],
  hidden: readonly ByteString[],
): ReadonlySet<ByteString> {
  const names = new Set([...HIDDEN, ...usual]);
  for (const name of passed) names.delete(name.toLowerCase());
  for (const name of hidden) names.add(name.toLowerCase());
  return names;
}

/** About the connection to the upstream; the one to the client has its own. */
const HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length']);

/** What an answer may say beside the page that X-Accel-Redirect names. */
const KEPT = new Set(['content-type', 'set-cookie', 'content-disposition', 'cache-control', 'expires']);

const NOT_FOUND = 404;

export function applyAnswer(request: HttpRequest, answer: UpstreamAnswer, rules: AnswerRules): Outcome {
  const { status, fields, body } = answer;
  const inner = rules.ignored.has('X-Accel-Redirect') ? undefined : fieldOf(fields, 'x-accel-redirect');
  if (inner !== undefined) {
    body?.destroy();
    return redirectInside(request, answer, inner, rules);
  }
  if (rules.intercepts(request, status)) {
    body?.destroy();
    const challenge = status === 401 ? fieldOf(fields, 'www-authenticate') : undefined;
    if (challenge !== undefined) request.response.fields.push(['WWW-Authenticate', challenge]);
    return status;
  }
  const { response, output } = request;
  response.status = status;
  response.reason = answer.reason === '' ? undefined : answer.reason;
  response.length = answer.length;
  response.isPassedOn = true;
  for (const [name, value] of fields) copyField(request, name, value, rules);
  response.setBody(body);
  if (body !== undefined) endTogether(body, output);
  return 'done';
}

/** A client that leaves needs no more of it. */
function endTogether(body: Readable, output: ServerResponse): void {
  const destroy = (): unknown => body.destroy();
  output.once('close', destroy);
  body.once('close', () => output.off('close', destroy));
}

function copyField(request: HttpRequest, name: ByteString, value: ByteString, rules: AnswerRules): void {
  const { response } = request;
  const key = name.toLowerCase();
  if (HOP.has(key) || rules.hidden.has(key)) return;
  switch (key) {
    case 'content-type':
      response.contentType = value;
      return;
    case 'location': {
      const changed = rules.rewriteLocation(request, value);
      // One of ours becomes absolute, as a redirect of our own does.
      if (changed?.startsWith('/')) response.location = changed;
      else response.fields.push([name, changed ?? value]);
      return;
    }
    case 'refresh':
      response.fields.push([name, rules.rewriteRefresh(request, value) ?? value]);
      return;
    case 'set-cookie':
      response.fields.push([name, rules.rewriteCookie(request, value) ?? value]);
      return;
    case 'server':
      response.replaced.add('Server');
      break;
    case 'date':
      response.replaced.add('Date');
      break;
    default:
  }
  response.fields.push([name, value]);
}

/** X-Accel-Redirect: another location answers. */
function redirectInside(request: HttpRequest, { fields }: UpstreamAnswer, to: ByteString, rules: AnswerRules): Outcome {
  for (const [name, value] of fields) if (KEPT.has(name.toLowerCase())) copyField(request, name, value, rules);
  if (request.method !== 'HEAD') request.method = 'GET';
  if (to.startsWith('@')) return { named: to };
  const target = parseTarget(to, true);
  if (typeof target === 'string') {
    request.error(`unsafe URI "${to}" was detected`);
    return NOT_FOUND;
  }
  request.redirectTo(target.uri, target.args);
  return 'redirect';
}

const fieldOf = (fields: Fields, name: ByteString): ByteString | undefined =>
  fields.find(([known]) => known.toLowerCase() === name)?.[1];
