// All metrics, in the order in which they are shown.
import { packageVersion } from '../../core/package-version.ts';
import { PEER_STATES } from '../../stats/registry.ts';
import { DNS_REQUESTS, DNS_RESPONSES } from '../../stats/resolver-counters.ts';
import {
  AUTH_FAILURES,
  BACKEND_FAILURES,
  LIMITS,
  LOGIN_METHODS,
  LOGIN_OUTCOMES,
  TLS_FAILURES,
  TLS_VERSIONS,
} from '../../stats/server-counters.ts';
import { CONDITIONS } from '../../stats/status.ts';
import { type Metric, overall, perPeer, perResolver, perServer, perServerBy } from './metric.ts';

const ofProcesses: readonly Metric[] = [
  overall('gauge', 'build_info', 'The version; the value is always 1.', ['version'], () => [[[packageVersion()], 1]]),
  overall('gauge', 'config_load_timestamp_seconds', 'When the configuration came into force.', [], ({ history }) => [
    [[], history.loadedMs / 1000],
  ]),
  overall('counter', 'config_reloads', 'Configurations that came into force after the first one.', [], (it) => [
    [[], it.history.reloads],
  ]),
  overall('counter', 'worker_respawns', 'Workers that took the place of ones that had died.', [], (it) => [
    [[], it.history.respawned],
  ]),
  overall('gauge', 'workers', 'Worker processes, by how they are.', ['condition'], ({ processes }) =>
    CONDITIONS.map((condition) => [[condition], processes.filter((one) => one.condition === condition).length]),
  ),
  overall('counter', 'connections_accepted', 'Connections taken from the system.', [], ({ total }) => [
    [[], total.connections.accepted],
  ]),
  overall('counter', 'connections_handled', 'Of these, those that were served.', [], ({ total }) => [
    [[], total.connections.handled],
  ]),
  overall('gauge', 'connections', 'Connections of clients now, of mail and http.', [], ({ total }) => [
    [[], total.connections.active],
  ]),
  overall('counter', 'http_requests', 'HTTP requests.', [], ({ total }) => [[[], total.connections.requests]]),
  overall('gauge', 'http_connections', 'HTTP connections now, by what is done.', ['state'], ({ total }) => [
    [['reading'], total.connections.reading],
    [['writing'], total.connections.writing],
    [['waiting'], total.connections.waiting],
  ]),
];

const ofServers: readonly Metric[] = [
  perServer('counter', 'connections', 'Sessions that have begun.', ({ connections }) => connections),
  perServer('gauge', 'sessions', 'Sessions now.', ({ sessions }) => sessions),
  perServer('gauge', 'relay_sessions', 'Sessions now that are logged in and relayed.', ({ relays }) => relays),
  perServerBy('counter', 'relay_bytes', 'Bytes relayed.', ['direction'], ({ received, sent }) => [
    [['from_client'], received],
    [['to_client'], sent],
  ]),
  perServerBy('counter', 'limits', 'Clients that a limit kept from going on.', ['limit'], (numbers) =>
    LIMITS.map((limit) => [[limit], numbers.limited(limit)]),
  ),
  perServerBy('counter', 'tls_handshakes', 'Handshakes that were made.', ['version', 'resumed'], (numbers) =>
    TLS_VERSIONS.flatMap((version) => [
      [[version, 'no'], numbers.handshakes(version, false)],
      [[version, 'yes'], numbers.handshakes(version, true)],
    ]),
  ),
  perServerBy('counter', 'tls_failures', 'Handshakes or certificates that failed.', ['reason'], (numbers) =>
    TLS_FAILURES.map((why) => [[why], numbers.tlsFailures(why)]),
  ),
  perServerBy('counter', 'logins', 'What became of logins.', ['method', 'outcome'], (numbers) =>
    LOGIN_METHODS.flatMap((method) =>
      LOGIN_OUTCOMES.map((outcome) => [[method, outcome], numbers.logins(method, outcome)] as const),
    ),
  ),
  perServer('histogram', 'auth_http_duration_seconds', 'How long auth servers took.', ({ authTimes }) => authTimes),
  perServerBy('counter', 'auth_http_failures', 'Auth servers that gave no usable answer.', ['reason'], (numbers) =>
    AUTH_FAILURES.map((why) => [[why], numbers.authFailures(why)]),
  ),
  perServer('counter', 'auth_http_cache_hits', 'Logins whose answer was known.', ({ cacheHits }) => cacheHits),
  perServer(
    'histogram',
    'backend_login_duration_seconds',
    'How long logins at backends took, from dialling.',
    ({ backendTimes }) => backendTimes,
  ),
  perServerBy('counter', 'backend_failures', 'Logins that failed at a backend.', ['reason'], (numbers) =>
    BACKEND_FAILURES.map((why) => [[why], numbers.backendFailures(why)]),
  ),
];

const ofPeers: readonly Metric[] = [
  perPeer('gauge', 'state', 'The state of a backend: 1 for the one that it is in.', ['state'], ({ states }) =>
    PEER_STATES.map((state) => [[state], states.includes(state) ? 1 : 0]),
  ),
  perPeer('gauge', 'sessions', 'Sessions now that a backend has.', [], ({ numbers }) => [[[], numbers.sessions]]),
  perPeer('counter', 'connections', 'Sessions that a backend was chosen for.', [], ({ numbers }) => [
    [[], numbers.connections],
  ]),
  perPeer('counter', 'failures', 'Attempts that were the fault of a backend.', [], ({ numbers }) => [
    [[], numbers.fails],
  ]),
  perPeer('counter', 'unavailable', 'How often failures took a backend out of use.', [], ({ numbers }) => [
    [[], numbers.unavailable],
  ]),
  perPeer('counter', 'bytes', 'Bytes relayed from and to a backend.', ['direction'], ({ numbers }) => [
    [['from_peer'], numbers.received],
    [['to_peer'], numbers.sent],
  ]),
  perPeer('histogram', 'login_duration_seconds', 'How long logins at a backend took, from dialling.', [], (row) => [
    [[], row.numbers.loginTimes],
  ]),
];

const ofResolvers: readonly Metric[] = [
  perResolver('requests', 'What name servers were asked for.', 'type', DNS_REQUESTS, (numbers, what) =>
    numbers.requests(what),
  ),
  perResolver('responses', 'What came of it.', 'outcome', DNS_RESPONSES, (numbers, what) => numbers.responses(what)),
];

export const METRICS: readonly Metric[] = [...ofProcesses, ...ofServers, ...ofPeers, ...ofResolvers];
