// The API about sessions: which there are, in pages, and their end.
import { parseMsec } from '../../conf/values.ts';
import { type ControlOrder, NO_ANSWER, type Place } from '../../control/order.ts';
import {
  isClientFilter,
  isSessionId,
  isSessionState,
  type SessionFilter,
  type SessionView,
} from '../../control/session-view.ts';
import { nameText } from '../../stats/name-text.ts';
import { isoTime, type JsonObject } from './json.ts';
import { argumentsOf, type Questions } from './question.ts';
import { type ApiCall, type ApiResult, error, notFound, type Route, value } from './route.ts';

const FILTERS = ['user', 'client', 'server', 'server_zone', 'protocol', 'backend', 'state', 'idle'];
const ORDERS = ['oldest', 'newest'];
const PAGE = 100;
const MAX_PAGE = 1000;

const sessionJson = (session: SessionView): JsonObject => ({
  id: session.id,
  pid: session.pid,
  connection: session.connection,
  protocol: session.protocol,
  server: nameText(session.server),
  server_zone: nameText(session.zone ?? ''),
  client: session.client,
  user: nameText(session.user),
  state: session.state,
  since: isoTime(session.sinceMs),
  idle: session.idleMs ?? null,
  tls: session.tls ?? null,
  backend: nameText(session.backend),
  received: session.received,
  sent: session.sent,
});

const invalid = (name: string): ApiResult => error(400, `invalid argument "${nameText(name)}"`, 'BadArgument');

function filterOf(args: Questions): SessionFilter | ApiResult {
  // A variable of a script that is not set would mean all sessions before their logins.
  const empty = FILTERS.find((name) => args.get(name) === '');
  if (empty !== undefined) return invalid(empty);
  const state = args.get('state');
  const client = args.get('client');
  if (state !== undefined && !isSessionState(state)) return invalid('state');
  if (client !== undefined && !isClientFilter(client)) return invalid('client');
  const idle = args.get('idle');
  const idleMs = idle === undefined ? undefined : parseMsec(idle);
  if (idle !== undefined && idleMs === undefined) return invalid('idle');
  return {
    user: args.get('user'),
    client,
    server: args.get('server'),
    zone: args.get('server_zone'),
    idleMs,
    protocol: args.get('protocol'),
    backend: args.get('backend'),
    state: state !== undefined && isSessionState(state) ? state : undefined,
  };
}

const isRefused = (it: SessionFilter | ApiResult): it is ApiResult => 'kind' in it;

/** `MILLISECONDS-CONNECTION`. */
function placeOf(cursor: string): Place | undefined {
  const [, since, connection] = /^(\d{1,15})-(\d{1,15})$/.exec(cursor) ?? [];
  return since === undefined ? undefined : { sinceMs: Number(since), connection: Number(connection) };
}

async function list(call: ApiCall): Promise<ApiResult> {
  const args = argumentsOf(call.request.args, [...FILTERS, 'order', 'limit', 'cursor', 'fields']);
  if (typeof args === 'string') return invalid(args);
  const filter = filterOf(args);
  if (isRefused(filter)) return filter;
  const limitText = args.get('limit') ?? String(PAGE);
  const limit = /^\d{1,4}$/.test(limitText) ? Number(limitText) : 0;
  if (limit < 1 || limit > MAX_PAGE) return invalid('limit');
  const cursor = args.get('cursor');
  const after = cursor === undefined ? undefined : placeOf(cursor);
  if (cursor !== undefined && after === undefined) return invalid('cursor');
  const order = args.get('order') ?? 'oldest';
  if (!ORDERS.includes(order)) return invalid('order');
  const page = { after, limit, isNewestFirst: order === 'newest' };
  const { sessions, count } = await call.control.ask({ kind: 'list-sessions', filter, ...page });
  const last = sessions.at(-1);
  const hasMore = last !== undefined && sessions.length === limit;
  return value({
    count,
    cursor: hasMore ? `${last.sinceMs}-${last.connection}` : null,
    sessions: sessions.map(sessionJson),
  });
}

async function end(call: ApiCall): Promise<ApiResult> {
  const args = argumentsOf(call.request.args, [...FILTERS, 'all']);
  if (typeof args === 'string') return invalid(args);
  const filter = filterOf(args);
  if (isRefused(filter)) return filter;
  const isNamed = FILTERS.some((name) => args.has(name));
  // A filter that was forgotten ends nothing.
  if (isNamed === args.has('all') || (args.has('all') && args.get('all') !== '1')) {
    return error(400, 'a filter is required, or all=1', 'NoFilter');
  }
  const { count } = await call.control.ask({ kind: 'end-sessions', filter });
  return value({ ended: count });
}

/** One session, by its id. */
const one =
  (orderOf: (filter: SessionFilter) => ControlOrder, answer: (sessions: readonly SessionView[]) => JsonObject) =>
  async (call: ApiCall): Promise<ApiResult> => {
    const [id = ''] = call.names;
    const { sessions, count } = isSessionId(id) ? await call.control.ask(orderOf({ id })) : NO_ANSWER;
    return count === 0 ? notFound('session not found', 'SessionNotFound') : value(answer(sessions));
  };

const show = one(
  (filter) => ({ kind: 'list-sessions', filter, after: undefined, limit: 1 }),
  ([session]) => (session === undefined ? {} : sessionJson(session)),
);

const endOne = one(
  (filter) => ({ kind: 'end-sessions', filter }),
  () => ({ ended: 1 }),
);

export const sessionRoutes: readonly Route[] = [
  { path: '/mail/sessions', methods: { GET: list, DELETE: end } },
  { path: '/mail/sessions/:id', methods: { GET: show, DELETE: endOne } },
];
