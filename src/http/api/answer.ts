// A request to the API: its version, its route, its method, and the answer as JSON.
import type { ByteString } from '../../conf/directive.ts';
import type { Control } from '../../control/control.ts';
import { randomId } from '../../core/random-id.ts';
import type { Outcome } from '../define.ts';
import type { HttpRequest } from '../request/request.ts';
import { fieldsOf, type Json, pick } from './json.ts';
import { mailRoutes } from './mail-routes.ts';
import { isForeign } from './question.ts';
import {
  type ApiMethod,
  type ApiResult,
  type Asker,
  error,
  type Found,
  findRoute,
  METHODS,
  notFound,
  READING,
  value,
} from './route.ts';
import { serverRoutes } from './server-routes.ts';

/** They differ in what nginx has and we have not. */
const VERSIONS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const HELP = 'https://nginx.org/en/docs/http/ngx_http_api_module.html';
const ROOT: Found = { route: { path: '/', methods: { GET: () => value(VERSIONS) } }, names: [] };
const ROUTES = [...serverRoutes, ...mailRoutes];

export interface ApiAccess {
  /** Of the location: the path of the API follows it. */
  readonly prefix: ByteString;
  readonly write: boolean;
}

export async function answerApi(request: HttpRequest, access: ApiAccess): Promise<Outcome> {
  const result = await resultOf(request, access);
  if (result.kind === 'error') {
    const { status, text, code } = result;
    send(request, status, { error: { status, text, code }, request_id: randomId(), href: HELP });
  } else if (result.kind === 'nothing') request.response.status = 204;
  else send(request, statusOf(result), selected(result, fieldsOf(request.args)));
  return 'done';
}

async function resultOf(request: HttpRequest, { prefix, write }: ApiAccess): Promise<ApiResult> {
  const path = request.uri.startsWith(prefix) ? request.uri.slice(prefix.length) : request.uri;
  const [, version = '', rest = ''] = /^\/*([^/]*)(.*)$/s.exec(path) ?? [];
  if (version !== '' && !VERSIONS.some((known) => String(known) === version)) {
    return notFound('unknown version', 'UnknownVersion');
  }
  const found = version === '' ? ROOT : findRoute(ROUTES, rest);
  if (found === undefined) return notFound('path not found', 'PathNotFound');
  const { methods } = found.route;
  const method = methodOf(request.method);
  const handler = method === undefined || (method !== READING && !write) ? undefined : methods[method];
  if (handler === undefined) {
    const allowed = METHODS.filter((one) => (write || one === READING) && methods[one] !== undefined);
    request.response.fields.push(['Allow', allowed.map((one) => (one === READING ? 'GET, HEAD' : one)).join(', ')]);
    return error(405, 'method disabled', 'MethodDisabled');
  }
  const { status, control } = request.client.services;
  if (method !== READING && isForeign(request)) return error(403, 'request of another site', 'ForeignOrigin');
  try {
    return await handler({
      request,
      control: inTime(control),
      registry: status.registry,
      names: found.names,
    });
  } catch (fault) {
    if (!(fault instanceof Late)) throw fault;
    return error(504, 'the master does not answer; what was asked for may still be done', 'MasterLate');
  }
}

/** An order whose outcome nobody knows. */
class Late extends Error {}

const inTime = (control: Control): Asker => ({
  ask: async (order) => {
    const answer = await control.ask(order);
    if (answer.isLate === true) throw new Late();
    return answer;
  },
});

const statusOf = (result: ApiResult): number => (result.kind === 'value' ? (result.status ?? 200) : 200);

const methodOf = (text: ByteString): ApiMethod | undefined =>
  text === 'HEAD' ? READING : METHODS.find((method) => method === text);

function selected(
  result: Exclude<ApiResult, { kind: 'error' | 'nothing' }>,
  fields: ReadonlySet<string> | undefined,
): Json {
  if (fields === undefined) return result.value;
  switch (result.kind) {
    case 'value':
      return pick(result.value, fields);
    case 'named':
      if (fields.size === 0) return Object.keys(result.value);
      return Object.fromEntries(
        Object.entries(result.value).map(([name, one]) => [name, one === undefined ? one : pick(one, fields)]),
      );
    case 'list':
      return result.value.map((one) => pick(one, fields));
    default:
      return result satisfies never;
  }
}

function send({ response }: HttpRequest, status: number, body: Json): void {
  const bytes = Buffer.from(`${JSON.stringify(body)}\n`);
  response.status = status;
  response.contentType = 'application/json';
  response.setBody(bytes);
  response.length = bytes.length;
}
