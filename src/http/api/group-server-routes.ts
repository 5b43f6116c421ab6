// The API about the servers of a group of backends: to see, add, change and remove them, in all workers.
import type { ByteString } from '../../conf/directive.ts';
import type { GroupOrder } from '../../control/order.ts';
import { nameText } from '../../stats/name-text.ts';
import type { ServerView, UpstreamView } from '../../stats/registry.ts';
import type { JsonObject } from './json.ts';
import { bytesOf, isResult, jsonBody } from './question.ts';
import { type ApiCall, type ApiHandler, type ApiResult, error, list, notFound, type Route, value } from './route.ts';
import { changeOf, formatError, isRefusal, placeOf } from './server-changes.ts';

/** A server, a name that is looked up at run time, or what that was looked up to. */
type AnyServer = ServerView & { readonly address?: ByteString; readonly parent?: number | undefined };

const serverOf = (server: AnyServer): JsonObject => ({
  id: server.id,
  server: nameText(server.address ?? server.name),
  weight: server.weight,
  max_conns: server.maxConns,
  max_fails: server.maxFails,
  fail_timeout: `${server.failTimeoutMs / 1000}s`,
  slow_start: `${server.slowStartMs / 1000}s`,
  backup: server.backup,
  down: server.down,
  ...(server.drain === true ? { drain: true } : {}),
  ...(server.parent === undefined ? {} : { parent: server.parent, host: nameText(server.name) }),
});

const serversOf = (group: UpstreamView): readonly AnyServer[] =>
  [...group.names(), ...group.peers()].sort((a, b) => a.id - b.id);

type Answer<A extends unknown[]> = (call: ApiCall, group: UpstreamView, ...rest: A) => ApiResult | Promise<ApiResult>;

export const inUpstream =
  (answer: Answer<[readonly ByteString[]]>): ApiHandler =>
  (call) => {
    const [name, ...rest] = call.names;
    const group = call.registry.upstreams.find((one) => one.name === name);
    return group === undefined ? notFound('upstream not found', 'UpstreamNotFound') : answer(call, group, rest);
  };

const ofServer = (answer: Answer<[AnyServer]>): ApiHandler =>
  inUpstream((call, group, [text = '']) => {
    if (!/^\d{1,9}$/.test(text)) return error(400, 'invalid server ID', 'UpstreamBadServerId');
    const server = serversOf(group).find(({ id }) => id === Number(text));
    return server === undefined ? serverNotFound() : answer(call, group, server);
  });

const serverNotFound = (): ApiResult => notFound('server not found', 'UpstreamServerNotFound');

/** Without a zone workers have nothing in common, and in nginx nothing can change. */
const changing =
  <A extends unknown[]>(answer: Answer<A>): Answer<A> =>
  (call, group, ...rest) =>
    group.zone === undefined ? error(400, 'upstream is static', 'UpstreamStatic') : answer(call, group, ...rest);

/** The name is what can change. */
const changingOwn = (answer: Answer<[AnyServer]>): Answer<[AnyServer]> =>
  changing((call, group, server) =>
    server.parent === undefined
      ? answer(call, group, server)
      : error(400, 'server is immutable', 'UpstreamServerImmutable'),
  );

/** @param nothing what it is where nobody has carried it out: others were faster @returns what was wrong */
async function carryOut(
  call: ApiCall,
  order: GroupOrder,
  nothing: () => ApiResult = serverNotFound,
): Promise<ApiResult | undefined> {
  const { isFull, count } = await call.control.ask(order);
  if (isFull === true) return error(507, 'too many changes since the configuration was read', 'UpstreamOutOfMemory');
  return count === 0 ? nothing() : undefined;
}

const exists = (): ApiResult => error(409, 'server exists', 'EntryExists');

const servers = (group: UpstreamView): ApiResult => list(serversOf(group).map(serverOf));

const add = changing(async (call: ApiCall, group: UpstreamView) => {
  const body = await jsonBody(call.request);
  if (isResult(body)) return body;
  const text = body.get('server');
  if (typeof text !== 'string') return formatError('missing "server" argument');
  const at = placeOf(text);
  if (at === undefined) return error(400, 'invalid "server" argument', 'UpstreamBadAddress');
  if (at.kind === 'name' && !group.looksUpNames) {
    return error(400, 'no resolver defined to resolve names at run time', 'UpstreamConfNoResolver');
  }
  const change = changeOf(body, true);
  if (isRefusal(change)) return change;
  if (!group.allowsBackup && (change.backup === true || (change.slowStartMs ?? 0) > 0)) {
    return formatError('the load balancing method does not support "backup" and "slow_start"');
  }
  const server = bytesOf(text);
  const isSame = ({ name, parent }: AnyServer): boolean => name === server && parent === undefined;
  if (serversOf(group).some(isSame)) return exists();
  const id = group.nextId();
  const wrong = await carryOut(call, { kind: 'add-server', group: group.name, id, server, at, change }, exists);
  if (wrong !== undefined) return wrong;
  const added = serversOf(group).find(isSame);
  return added === undefined ? serverNotFound() : { kind: 'value', status: 201, value: serverOf(added) };
});

const change = changingOwn(async (call, group, { id }) => {
  const body = await jsonBody(call.request);
  if (isResult(body)) return body;
  const change = changeOf(body, false);
  if (isRefusal(change)) return change;
  const wrong = await carryOut(call, { kind: 'change-server', group: group.name, id, change });
  if (wrong !== undefined) return wrong;
  const changed = serversOf(group).find((one) => one.id === id);
  return changed === undefined ? serverNotFound() : value(serverOf(changed));
});

const remove = changingOwn(async (call, group, { id }) => {
  const wrong = await carryOut(call, { kind: 'remove-server', group: group.name, id });
  return wrong ?? servers(group);
});

export const groupServerRoutes: readonly Route[] = [
  {
    path: '/mail/upstreams/:name/servers',
    methods: { GET: inUpstream((_call, group) => servers(group)), POST: inUpstream((call, group) => add(call, group)) },
  },
  {
    path: '/mail/upstreams/:name/servers/:id',
    methods: {
      GET: ofServer((_call, _group, server) => value(serverOf(server))),
      PATCH: ofServer(change),
      DELETE: ofServer(remove),
    },
  },
];
