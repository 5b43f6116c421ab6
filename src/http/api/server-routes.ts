// The API about the process as a whole, and about what other servers of nginx have: of that there is nothing here.
import type { ConnectionCounts } from '../../core/connection-counts.ts';
import { NGINX_VERSION } from '../../core/nginx-version.ts';
import { packageVersion } from '../../core/package-version.ts';
import { nameText } from '../../stats/name-text.ts';
import { ServerNumbers } from '../../stats/server-counters.ts';
import { isoTime } from './json.ts';
import { requestRoutes } from './request-routes.ts';
import { resolverRoutes } from './resolver-routes.ts';
import { type ApiHandler, type CountedCall, counted, list, named, type Route, value } from './route.ts';
import { sslOf } from './ssl.ts';

const connectionsOf = ({ accepted, handled, active, waiting }: Readonly<ConnectionCounts>) => ({
  accepted,
  dropped: accepted - handled,
  active: active - waiting,
  idle: waiting,
});

const requestsOf = ({ requests, reading, writing }: Readonly<ConnectionCounts>) => ({
  total: requests,
  current: reading + writing,
});

const nginx = counted(({ request, everything: { history } }) =>
  value({
    version: NGINX_VERSION,
    build: `Postern ${packageVersion()}`,
    address: nameText(request.client.local?.address ?? 'unix:'),
    generation: history.reloads + 1,
    load_timestamp: isoTime(history.loadedMs),
    timestamp: isoTime(Date.now()),
    pid: process.pid,
    ppid: process.ppid,
  }),
);

const workers = counted(({ everything: { processes } }) =>
  list(
    [...processes]
      .sort((a, b) => a.slot - b.slot || a.pid - b.pid)
      .map(({ slot, pid, condition, connections }) => ({
        id: slot,
        pid,
        condition,
        connections: connectionsOf(connections),
        http: { requests: requestsOf(connections) },
      })),
  ),
);

const numbersOf = ({ registry, everything }: CountedCall): readonly ServerNumbers[] =>
  registry.zones.map(({ key }) => new ServerNumbers(everything.total.blocks.get(key)));

const get = (path: string, GET: ApiHandler): Route => ({ path, methods: { GET } });
const names = (path: string, ...all: readonly string[]): Route => get(path, () => value(all));
const nothing = (path: string): Route => get(path, () => named({}));

export const serverRoutes: readonly Route[] = [
  names('/', 'nginx', 'processes', 'connections', 'workers', 'slabs', 'http', 'stream', 'mail', 'resolvers', 'ssl'),
  get('/nginx', nginx),
  get(
    '/processes',
    counted(({ everything: { history } }) => value({ respawned: history.respawned })),
  ),
  get(
    '/connections',
    counted(({ everything: { total } }) => value(connectionsOf(total.connections))),
  ),
  get('/workers', workers),
  get(
    '/ssl',
    counted((call) => value(sslOf(numbersOf(call)))),
  ),
  nothing('/slabs'),
  ...resolverRoutes('/resolvers'),
  names(
    '/http',
    'requests',
    'server_zones',
    'location_zones',
    'caches',
    'limit_conns',
    'limit_reqs',
    'upstreams',
    'keyvals',
  ),
  get(
    '/http/requests',
    counted(({ everything: { total } }) => value(requestsOf(total.connections))),
  ),
  ...requestRoutes,
  ...['caches', 'limit_conns', 'limit_reqs', 'upstreams', 'keyvals'].map((name) => nothing(`/http/${name}`)),
  names('/stream', 'server_zones', 'limit_conns', 'upstreams', 'keyvals'),
  ...['server_zones', 'limit_conns', 'upstreams', 'keyvals', 'zone_sync'].map((name) => nothing(`/stream/${name}`)),
];
