// The API about the servers of a group of backends: to see, add, change and remove them, in all workers.
import type { ByteString } from '../../conf/directive.ts';
import type { GroupOrder } from '../../control/order.ts';
import { nameText } from '../../stats/name-text.ts';
import type { PeerView, UpstreamView } from '../../stats/registry.ts';
import type { JsonObject } from './json.ts';
import { bytesOf, isResult, jsonBody } from './question.ts';
import { type ApiCall, type ApiHandler, type ApiResult, error, list, notFound, type Route, value } from './route.ts';
import { addressOf, changeOf, formatError, isRefusal } from './server-changes.ts';

const serverOf = (peer: PeerView): JsonObject => ({
  id: peer.id,
  server: nameText(peer.address),
  weight: peer.weight,
  max_conns: peer.maxConns,
  max_fails: peer.maxFails,
  fail_timeout: `${peer.failTimeoutMs / 1000}s`,
  slow_start: `${peer.slowStartMs / 1000}s`,
  backup: peer.backup,
  down: peer.state === 'down',
  ...(peer.drain === true ? { drain: true } : {}),
});

type Answer<A extends unknown[]> = (call: ApiCall, group: UpstreamView, ...rest: A) => ApiResult | Promise<ApiResult>;

export const inUpstream =
  (answer: Answer<[readonly ByteString[]]>): ApiHandler =>
  (call) => {
    const [name, ...rest] = call.names;
    const group = call.registry.upstreams.find((one) => one.name === name);
    return group === undefined ? notFound('upstream not found', 'UpstreamNotFound') : answer(call, group, rest);
  };

const ofServer = (answer: Answer<[PeerView]>): ApiHandler =>
  inUpstream((call, group, [text = '']) => {
    if (!/^\d{1,9}$/.test(text)) return error(400, 'invalid server ID', 'UpstreamBadServerId');
    const peer = group.peers().find(({ id }) => id === Number(text));
    return peer === undefined ? serverNotFound() : answer(call, group, peer);
  });

const serverNotFound = (): ApiResult => notFound('server not found', 'UpstreamServerNotFound');

/** Without a zone workers have nothing in common, and in nginx nothing can change. */
const changing =
  <A extends unknown[]>(answer: Answer<A>): Answer<A> =>
  (call, group, ...rest) =>
    group.zone === undefined ? error(400, 'upstream is static', 'UpstreamStatic') : answer(call, group, ...rest);

/** @returns what was wrong */
async function carryOut(call: ApiCall, order: GroupOrder): Promise<ApiResult | undefined> {
  const { isFull, count } = await call.control.ask(order);
  if (isFull === true) return error(507, 'too many changes since the configuration was read', 'UpstreamOutOfMemory');
  return count === 0 ? serverNotFound() : undefined;
}

const servers = (group: UpstreamView): ApiResult => list(group.peers().map(serverOf));

const add = changing(async (call: ApiCall, group: UpstreamView) => {
  const body = await jsonBody(call.request);
  if (isResult(body)) return body;
  const text = body.get('server');
  if (typeof text !== 'string') return formatError('missing "server" argument');
  const address = addressOf(text);
  if (address === undefined) return error(400, 'invalid "server" argument', 'UpstreamBadAddress');
  const change = changeOf(body, true);
  if (isRefusal(change)) return change;
  if (!group.allowsBackup && (change.backup === true || (change.slowStartMs ?? 0) > 0)) {
    return formatError('the load balancing method does not support "backup" and "slow_start"');
  }
  const server = bytesOf(text);
  if (group.peers().some(({ name }) => name === server)) return error(409, 'server exists', 'EntryExists');
  const wrong = await carryOut(call, { kind: 'add-server', group: group.name, server, address, change });
  if (wrong !== undefined) return wrong;
  const peer = group.peers().find(({ name }) => name === server);
  return peer === undefined ? serverNotFound() : { kind: 'value', status: 201, value: serverOf(peer) };
});

const change = changing(async (call: ApiCall, group: UpstreamView, { id, name: server }: PeerView) => {
  const body = await jsonBody(call.request);
  if (isResult(body)) return body;
  const change = changeOf(body, false);
  if (isRefusal(change)) return change;
  const wrong = await carryOut(call, { kind: 'change-server', group: group.name, server, change });
  if (wrong !== undefined) return wrong;
  const peer = group.peers().find((one) => one.id === id);
  return peer === undefined ? serverNotFound() : value(serverOf(peer));
});

const remove = changing(async (call: ApiCall, group: UpstreamView, { name: server }: PeerView) => {
  const wrong = await carryOut(call, { kind: 'remove-server', group: group.name, server });
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
      GET: ofServer((_call, _group, peer) => value(serverOf(peer))),
      PATCH: ofServer(change),
      DELETE: ofServer(remove),
    },
  },
];
