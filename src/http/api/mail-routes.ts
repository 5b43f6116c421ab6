// The API about mail: servers, by their zones, and groups of backends.
import { countOf, type Histogram } from '../../stats/histogram.ts';
import { nameText } from '../../stats/name-text.ts';
import { PeerNumbers } from '../../stats/peer-counters.ts';
import type { ChecksView, PeerView, ServerZone, UpstreamView } from '../../stats/registry.ts';
import {
  LIMITS,
  LOGIN_METHODS,
  LOGIN_OUTCOMES,
  type LoginMethod,
  ServerNumbers,
  TLS_VERSIONS,
} from '../../stats/server-counters.ts';
import { groupServerRoutes, inUpstream } from './group-server-routes.ts';
import { byName, type JsonObject } from './json.ts';
import { resolverRoutes } from './resolver-routes.ts';
import { type CountedCall, counted, named, type Route, value } from './route.ts';
import { sessionRoutes } from './session-routes.ts';
import { sslOf } from './ssl.ts';
import { userRoutes } from './user-routes.ts';
import { zoneRoutes } from './zones.ts';

/** Milliseconds; 0 where there is nothing to take it of. */
const average = (times: Histogram): number => {
  const count = countOf(times);
  return count === 0 ? 0 : Math.round(times.sumMs / count);
};

function zoneOf({ everything }: CountedCall, { key, protocol }: ServerZone): JsonObject {
  const numbers = new ServerNumbers(everything.total.blocks.get(key));
  const ofMethod = (method: LoginMethod) => byName(LOGIN_OUTCOMES, (outcome) => numbers.logins(method, outcome));
  return {
    protocol,
    processing: numbers.sessions,
    relaying: numbers.relays,
    connections: numbers.connections,
    received: numbers.received,
    sent: numbers.sent,
    logins: {
      ...byName(LOGIN_OUTCOMES, (outcome) => numbers.allLogins(outcome)),
      methods: Object.fromEntries(LOGIN_METHODS.map((method) => [method, ofMethod(method)])),
    },
    auth_http: {
      requests: countOf(numbers.authTimes),
      response_time: average(numbers.authTimes),
      timeouts: numbers.authFailures('timeout'),
      fails: numbers.authFailures('timeout') + numbers.authFailures('other'),
      cache_hits: numbers.cacheHits,
    },
    backends: {
      logins: countOf(numbers.backendTimes),
      login_time: average(numbers.backendTimes),
      refused: numbers.backendFailures('refused'),
      fails: numbers.backendFailures('broken'),
    },
    limits: byName(LIMITS, (limit) => numbers.limited(limit)),
    ssl: {
      ...sslOf([numbers]),
      versions: byName(TLS_VERSIONS, (it) => numbers.handshakes(it, false) + numbers.handshakes(it, true)),
    },
  };
}

const healthOf = ({ checks, fails, unhealthy, lastPassed }: ChecksView): JsonObject => ({
  checks,
  fails,
  unhealthy,
  last_passed: lastPassed,
});

function peerOf({ everything }: CountedCall, peer: PeerView): JsonObject {
  const numbers = new PeerNumbers(everything.total.blocks.get(peer.key));
  return {
    id: peer.id,
    server: nameText(peer.address),
    name: nameText(peer.name),
    backup: peer.backup,
    weight: peer.weight,
    state: peer.state,
    active: numbers.sessions,
    ...(peer.maxConns === 0 ? {} : { max_conns: peer.maxConns }),
    connections: numbers.connections,
    login_time: average(numbers.loginTimes),
    sent: numbers.sent,
    received: numbers.received,
    fails: numbers.fails,
    unavail: numbers.unavailable,
    ...(peer.checks === undefined ? {} : { health_checks: healthOf(peer.checks) }),
  };
}

const groupOf = (call: CountedCall, { peers, zone }: UpstreamView): JsonObject => ({
  peers: peers().map((peer) => peerOf(call, peer)),
  zombies: 0,
  ...(zone === undefined ? {} : { zone: nameText(zone) }),
});

const upstreams = counted((call) =>
  named(Object.fromEntries(call.registry.upstreams.map((one) => [nameText(one.name), groupOf(call, one)]))),
);

const upstream = inUpstream((call, group) => counted((all) => value(groupOf(all, group)))(call));

export const mailRoutes: readonly Route[] = [
  { path: '/mail', methods: { GET: () => value(['server_zones', 'upstreams', 'resolvers', 'sessions', 'users']) } },
  ...zoneRoutes<ServerZone>('/mail/server_zones', {
    what: 'server',
    zones: ({ registry }) => registry.zones,
    show: zoneOf,
  }),
  { path: '/mail/upstreams', methods: { GET: upstreams } },
  { path: '/mail/upstreams/:name', methods: { GET: upstream } },
  ...groupServerRoutes,
  ...resolverRoutes('/mail/resolvers', 'mail'),
  ...sessionRoutes,
  ...userRoutes,
];
