// A mail server at run time: its merged structs at hand, with the log and the resolver that they ask for.
import type { ByteString } from '../conf/directive.ts';
import type { Store } from '../conf/store.ts';
import type { Holds } from '../control/holds.ts';
import type { LocalControl } from '../control/local.ts';
import type { AccessRules } from '../core/access-rules.ts';
import type { Log } from '../core/log.ts';
import type { Resolver } from '../core/resolver/resolver.ts';
import type { ResolverSpec } from '../core/resolver-directive.ts';
import type { Dialer } from '../net/transport.ts';
import { loadWebSocket } from '../net/websocket/load.ts';
import { Occupancy } from '../net/websocket/occupancy.ts';
import type { UserTags } from '../script/log/user-tags.ts';
import type { ServerCounters } from '../stats/server-counters.ts';
import { accessModule } from './access-module.ts';
import { AuthCache, type AuthZone } from './auth-cache/auth-cache.ts';
import type { AuthCacheConf } from './auth-cache/conf.ts';
import { authCacheModule } from './auth-cache/module.ts';
import type { CustomLines } from './auth-http/custom-headers.ts';
import type { KeptConnections } from './auth-http/kept-connections.ts';
import { type AuthHttpConf, authHttpModule } from './auth-http/module.ts';
import { type BackendConf, backendModule } from './backend/module.ts';
import { Places } from './backend/place.ts';
import { type BackendTlsConf, portOf } from './backend-tls/conf.ts';
import { backendTlsModule } from './backend-tls/module.ts';
import type { BufferPool } from './command/buffer-pool.ts';
import { coreModule, type MailCoreConf } from './core-module.ts';
import { logModule } from './log/module.ts';
import type { SessionLog } from './log/session-log.ts';
import { AUTH_HTTP, MAIL_VARIABLES, UPSTREAM } from './main-conf.ts';
import { type ProxyConf, proxyModule } from './proxy/module.ts';
import { type RealipConf, realipModule } from './realip-module.ts';
import { ServerTail } from './session/server-tail.ts';
import type { Session } from './session/session.ts';
import { type Setting, setModule } from './set-module.ts';
import type { SslConf } from './ssl/conf.ts';
import { sslModule } from './ssl/module.ts';
import { statusZoneModule } from './status-zone-module.ts';
import { UPSTREAMS } from './upstream/context.ts';
import { userTagModule } from './user-tag-module.ts';
import { type MailWebSocketConf, websocketModule } from './websocket/module.ts';

export interface MailServer {
  readonly store: Store;
  /** status_zone: the name that it is counted by. */
  readonly zone: ByteString;
  readonly core: MailCoreConf;
  readonly ssl: SslConf;
  /** The names that clients may send in ALPN. */
  readonly alpn: readonly string[];
  /** undefined: there is no auth server, the backends decide. */
  readonly authHttp: AuthHttpConf | undefined;
  /** auth_http_keepalive. */
  readonly authConnections: KeptConnections | undefined;
  /** undefined: the session's transport. */
  readonly authDialer: Dialer | undefined;
  readonly authCache: AuthCache | undefined;
  /** Headers of the auth server's answers that variables are about. */
  readonly authHeaders: ReadonlySet<string> | undefined;
  /** How long the headers of those answers may be, in bytes; undefined: as long as with nginx. */
  readonly authBuffer: number | undefined;
  /** The configuration has variables: sessions keep what these may show. */
  readonly isRecorded: boolean;
  /** They are about more of backends than their addresses. */
  readonly measuresUpstreams: boolean;
  /** undefined: there are no access logs. */
  readonly accessLog: SessionLog | undefined;
  /** Of records in the error log. */
  readonly tags: UserTags<Session>;
  readonly settings: readonly Setting[];
  readonly access: AccessRules | undefined;
  readonly proxy: ProxyConf;
  /** undefined: no listen takes WebSockets. */
  readonly websocket: MailWebSocketConf | undefined;
  readonly websockets: Occupancy;
  readonly backend: BackendConf;
  readonly places: Places;
  readonly backendTls: BackendTlsConf;
  readonly realip: RealipConf;
  readonly log: Log;
  readonly resolver: Resolver | undefined;
  /** Of an upstream, which may have one of its own. */
  resolverOf(spec: ResolverSpec): Resolver;
  readonly pool: BufferPool;
  /** undefined: nothing shows them. */
  readonly counters: ServerCounters | undefined;
  /** Users whose logins wait; undefined: nobody can be held. */
  readonly holds: Holds | undefined;
  /** undefined: nobody can watch. */
  readonly tail: ServerTail | undefined;
}

/** What servers share. */
export interface Lent {
  readonly log: Log;
  readonly resolver: Resolver | undefined;
  resolverOf(spec: ResolverSpec): Resolver;
  readonly pool: BufferPool;
  /** @returns undefined: none are kept */
  authConnections(conf: AuthHttpConf): KeptConnections | undefined;
  /** auth_http_loopback. */
  readonly loopback?: Dialer;
  authZone(conf: AuthCacheConf): AuthZone;
  readonly counters?: ServerCounters | undefined;
  readonly websockets?: Occupancy;
  readonly control?: LocalControl | undefined;
}

/** Looks every struct up once, so that no session has to. */
export function mailServer(store: Store, lent: Lent): MailServer {
  const authHttp = store.get(authHttpModule.srv);
  const core = store.get(coreModule.srv);
  const backend = store.get(backendModule.srv);
  const { cache } = store.get(authCacheModule.srv);
  const websocket = store.get(websocketModule.srv);
  if (websocket !== undefined) loadWebSocket();
  const variables = store.get(MAIL_VARIABLES);
  const headers = variables.restsOf(AUTH_HTTP);
  return {
    store,
    zone: store.get(statusZoneModule.srv),
    core,
    ssl: store.get(sslModule.srv),
    alpn: [core.protocol.name],
    authHttp,
    authConnections: authHttp && lent.authConnections(authHttp),
    authDialer: authHttp?.loopback && authHttp.tls === undefined ? lent.loopback : undefined,
    authCache: authHttp && cache && authCacheOf(lent.authZone(cache), cache, authHttp, core),
    authBuffer: authHttp?.bufferSize,
    authHeaders: headers.length === 0 ? undefined : new Set(headers),
    isRecorded: variables.isUsed,
    measuresUpstreams: variables.restsOf(UPSTREAM).some((rest) => rest !== 'addr'),
    accessLog: store.get(logModule.srv).session,
    tags: store.get(userTagModule.srv),
    settings: store.get(setModule.srv),
    access: store.get(accessModule.srv),
    proxy: store.get(proxyModule.srv),
    websocket,
    websockets: lent.websockets ?? new Occupancy(),
    backend,
    places: placesOf(store, core, backend, lent.resolver !== undefined),
    backendTls: store.get(backendTlsModule.srv),
    realip: store.get(realipModule.srv),
    log: lent.log,
    resolver: lent.resolver,
    resolverOf: lent.resolverOf,
    pool: lent.pool,
    counters: lent.counters,
    holds: lent.control?.holds,
    tail: lent.control && new ServerTail(lent.control.tail, core.protocol.name),
  };
}

function placesOf(store: Store, { protocol }: MailCoreConf, { pass }: BackendConf, resolves: boolean): Places {
  const upstreams = store.get(UPSTREAMS);
  const port = portOf(protocol, store.get(backendTlsModule.srv).mode);
  return new Places({ pass, find: (name) => upstreams.find(name), resolves, port });
}

/** Servers that ask the same question get the same answer. */
function authCacheOf(
  zone: AuthZone,
  cache: AuthCacheConf,
  { text, tls, parts: { head, custom } }: AuthHttpConf,
  { protocol }: MailCoreConf,
): AuthCache {
  const way = tls === undefined ? '' : `${zone.wayOf(tls.tls)} ${tls.name} `;
  const fixed = Buffer.concat([Buffer.from(`${way}${text} ${protocol.name}\n`, 'latin1'), head]);
  const scope: CustomLines =
    typeof custom === 'function'
      ? (session) => Buffer.concat([fixed, custom(session)])
      : Buffer.concat([fixed, custom]);
  return new AuthCache(zone, cache, scope);
}
