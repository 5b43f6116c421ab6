// Variables of what the client asked: the request line, header lines, arguments, cookies, the body.
import type { ByteString } from '../../conf/directive.ts';
import { randomId } from '../../core/random-id.ts';
import { basicUser } from '../auth-basic/credentials.ts';
import type { HttpRequest } from '../request/request.ts';
import { isParsed, requestLength } from '../request/request-length.ts';
import type { HttpVariableSpec } from '../script/script.ts';

const absentIfEmpty = (text: ByteString): ByteString | undefined => (text === '' ? undefined : text);

/** Where the path leads nowhere it is empty; where there is no path it is absent. */
const getUri = ({ uri, hasLine }: HttpRequest): ByteString | undefined => (hasLine ? uri : undefined);
const getArgs = ({ args, hasArgs }: HttpRequest): ByteString | undefined => (hasArgs ? args : undefined);

export const requestVariables: readonly HttpVariableSpec[] = [
  { name: 'request', get: ({ line }) => line },
  {
    name: 'request_method',
    get: ({ main, method, hasLine }) => (hasLine ? (main?.method ?? method) : undefined),
    volatile: true,
  },
  { name: 'request_uri', get: ({ sentUri }) => absentIfEmpty(sentUri) },
  { name: 'uri', get: getUri, volatile: true },
  { name: 'document_uri', get: getUri, volatile: true },
  {
    name: 'args',
    get: getArgs,
    volatile: true,
    set: (request, value) => {
      request.changeArgs(value);
    },
  },
  { name: 'query_string', get: getArgs, volatile: true },
  { name: 'is_args', get: ({ args }) => (args === '' ? '' : '?'), volatile: true },
  { name: 'server_protocol', get: ({ message }) => (isParsed(message) ? `HTTP/${message.httpVersion}` : undefined) },
  { name: 'host', get: ({ host }) => host },
  { name: 'request_port', get: portOf },
  { name: 'is_request_port', get: (request) => (portOf(request) === '' ? '' : ':') },
  { name: 'server_name', get: ({ serverName }) => serverName },
  { name: 'content_type', get: (request) => request.header('content-type') },
  { name: 'content_length', get: contentLength, volatile: true },
  { name: 'remote_user', get: (request) => basicUser(request.header('authorization')) },
  {
    name: 'request_body',
    get: ({ received }) => (Buffer.isBuffer(received) ? received.toString('latin1') : undefined),
    volatile: true,
  },
  { name: 'request_length', get: (request) => String(requestLength(request)), volatile: true },
  { name: 'request_id', get: randomId },
  { name: 'http_', prefix: true, get: ({ headers }, name) => headers.ofVariable(name) },
  { name: 'arg_', prefix: true, get: ({ args }, name) => findArgument(args, name) },
  { name: 'cookie_', prefix: true, get: (request, name) => findCookie(request.header('cookie'), name) },
];

/** Of the request line, where it names a host, or else of the Host header. Empty where there is none. */
function portOf(request: HttpRequest): ByteString {
  const [, named] = /^\S+ [A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?# ]*)/.exec(request.line) ?? [];
  const [, port = ''] = /^(?:\[[^\]]*\]|[^:]*):(\d+)$/.exec(named ?? request.header('host') ?? '') ?? [];
  return port;
}

/** Where it is not told before, what was read of the body. */
function contentLength(request: HttpRequest): ByteString | undefined {
  return request.header('content-length') ?? request.received?.length.toString();
}

/** The first of that name, as sent. @param name lower case */
export function findArgument(args: ByteString, name: ByteString): ByteString | undefined {
  for (let at = 0; at < args.length; ) {
    const next = args.indexOf('&', at);
    const end = next < 0 ? args.length : next;
    const value = at + name.length;
    if (args[value] === '=' && value < end && args.slice(at, value).toLowerCase() === name) {
      return args.slice(value + 1, end);
    }
    at = end + 1;
  }
  return undefined;
}

/**
 * The first of that name. A pair begins behind a semicolon or comma, its value ends at a semicolon.
 * @param cookies several Cookie lines are joined already @param name lower case
 */
export function findCookie(cookies: ByteString | undefined, name: ByteString): ByteString | undefined {
  if (cookies === undefined) return undefined;
  for (const { 0: pair, index } of cookies.matchAll(/[^;,]+/g)) {
    const equals = pair.indexOf('=');
    if (equals < 0 || pair.slice(0, equals).trim().toLowerCase() !== name) continue;
    const [value = ''] = cookies.slice(index + equals + 1).split(';', 1);
    return value.trimStart();
  }
  return undefined;
}
