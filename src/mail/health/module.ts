// The health module: health_check in servers and upstream blocks, and match.
import { hostname } from 'node:os';
import { bindDirectives } from '../../conf/bind.ts';
import { at, type ByteString, ConfError, type Directive, type Environment, Fault } from '../../conf/directive.ts';
import { Key, Store } from '../../conf/store.ts';
import { PAGE_SIZE } from '../../core/page-size.ts';
import { proxyHeaderV1, proxyHeaderV2 } from '../../net/proxy-protocol/write.ts';
import { parseLocal } from '../../upstream/bind.ts';
import { UpstreamReference } from '../../upstream/reference.ts';
import { backendModule } from '../backend/module.ts';
import { noBackendTls, portOf, tlsOf } from '../backend-tls/conf.ts';
import { backendTlsModule } from '../backend-tls/module.ts';
import { coreModule, RESOLVER_TIMEOUT_MS } from '../core-module.ts';
import { defineMailModule, type MergeContext } from '../define.ts';
import { MAIL_MAIN } from '../main-conf.ts';
import type { MailProtocol } from '../protocol.ts';
import { type ProxyVersion, proxyModule } from '../proxy/module.ts';
import { type MailGroup, PROTOCOL_PORT, UPSTREAMS } from '../upstream/context.ts';
import { type MailBlock, upstreamModule } from '../upstream/module.ts';
import { type Match, type MatchRaw, matchDirectives, toMatch } from './match.ts';
import {
  HEALTH_TIMEOUT_MS,
  type HealthParameters,
  type HealthRaw,
  healthCheck,
  healthTimeout,
  noHealth,
} from './parameters.ts';
import { type CheckPlan, type CheckScope, type CheckWay, checkTls } from './plan.ts';

interface HealthMain {
  readonly matches: Map<ByteString, Match>;
  readonly plans: CheckPlan[];
}

const MATCH = new Key<MatchRaw>('mail match (raw)');

const match: Directive<HealthMain> = {
  name: 'match',
  contexts: ['mail'],
  arity: { kind: 'block', min: 1, max: 1 },
  doc: { syntax: 'match name { ... }', summary: 'What health checks say to a backend, and what it has to answer.' },
  set: (cf, [name = ''], { matches }) => {
    if (matches.has(name)) return new Fault(`duplicate match "${name}"`, true);
    const raw: MatchRaw = { send: undefined, accepts: undefined };
    const store = new Store(cf.store);
    store.set(MATCH, raw);
    cf.block('mail.match', store);
    matches.set(name, toMatch(raw));
    return undefined;
  },
};

const module = defineMailModule<HealthMain, HealthRaw, undefined>({
  name: 'health',
  mainDirectives: [match],
  createMainConf: () => ({ matches: new Map(), plans: [] }),
  initMainConf: (main, mail, env) => {
    for (const block of mail.get(upstreamModule.main).blocks) planBlock(main, mail, env, block);
  },
  createSrvConf: noHealth,
  srvDirectives: [healthCheck(['mail.server']), healthTimeout(['mail', 'mail.server'])],
  mergeSrvConf: (prev, conf, cx) => {
    if (conf.health !== undefined) planServer(conf.health, conf.healthTimeoutMs ?? prev.healthTimeoutMs, cx);
    return undefined;
  },
});

export const healthModule: typeof module = {
  ...module,
  directives: [...module.directives, ...bindDirectives(matchDirectives, MATCH)],
};

/** The checks of a configuration. @param mail of the mail block, or of one of its servers */
export const plansOf = (mail: Store): readonly CheckPlan[] => mail.get(module.main).plans;

/** What the mail block says is good for it: an upstream is of no server. @throws ConfError */
function planBlock(main: HealthMain, mail: Store, env: Environment, block: MailBlock): void {
  const { name, health, position, servers } = block;
  const group = mail.get(UPSTREAMS).find(name);
  if (health === undefined || group === undefined) return;
  const core = mail.get(coreModule.raw);
  const proxy = mail.get(proxyModule.raw);
  const backend = mail.get(backendModule.raw);
  const bind = backend.bind === 'off' ? undefined : backend.bind?.constant;
  const scope: CheckScope = {
    serverName: core.serverName || hostname(),
    timeoutMs: timeout(block.healthTimeoutMs ?? mail.get(module.raw).healthTimeoutMs),
    bufferSize: proxy.bufferSize ?? PAGE_SIZE,
    header: headerOf(proxy.version ?? 0),
    local: bind === undefined ? undefined : parseLocal(bind),
    socketKeepalive: backend.socketKeepalive ?? false,
    backendTls: tlsOf(mail.get(backendTlsModule.raw), noBackendTls(), env),
    resolverTimeoutMs: core.resolverTimeoutMs ?? RESOLVER_TIMEOUT_MS,
    errorLog: undefined,
  };
  const place = `upstream "${name}"${at(position)}`;
  const plan = planOf(main, mail, health, scope, group, undefined, place);
  const isOpen = servers.some(({ addresses: [address], resolve }) =>
    resolve === undefined ? address?.kind === 'inet' && address.port === PROTOCOL_PORT : resolve.port === PROTOCOL_PORT,
  );
  if (plan.port === PROTOCOL_PORT && isOpen) {
    throw new ConfError(`"health_check" does not know the ports of ${place}: "port" or "type" is needed`);
  }
}

/** @throws ConfError */
function planServer(health: HealthParameters, timeoutMs: number | undefined, { store, server }: MergeContext): void {
  const place = `server${at(server)}`;
  const { pass, bind, socketKeepalive } = store.get(backendModule.srv);
  if (!(pass instanceof UpstreamReference)) {
    const why = pass === undefined ? '' : ' without variables';
    throw new ConfError(`"health_check" requires "proxy_pass"${why} for ${place}`);
  }
  const core = store.get(coreModule.srv);
  const proxy = store.get(proxyModule.srv);
  const local = bind?.constant;
  const scope: CheckScope = {
    serverName: core.serverName,
    timeoutMs: timeout(timeoutMs),
    bufferSize: proxy.bufferSize,
    header: headerOf(proxy.version),
    local: local === undefined ? undefined : parseLocal(local),
    socketKeepalive,
    backendTls: store.get(backendTlsModule.srv),
    resolverTimeoutMs: core.resolverTimeoutMs,
    errorLog: core.errorLog,
  };
  planOf(store.get(module.main), store, health, scope, pass.group, core.protocol, place);
}

/** @param spoken the protocol of the server @throws ConfError */
function planOf(
  { matches, plans }: HealthMain,
  store: Store,
  health: HealthParameters,
  scope: CheckScope,
  group: MailGroup,
  spoken: MailProtocol | undefined,
  place: ByteString,
): CheckPlan {
  const { zone } = group;
  if (zone === undefined) {
    throw new ConfError(`"health_check" requires upstream "${group.name}" to be in shared memory for ${place}`);
  }
  const { type = spoken?.name ?? 'tcp', fails, passes, mandatory, persistent } = health;
  const protocol = type === 'tcp' || type === 'tls' ? undefined : store.get(MAIL_MAIN).protocols.get(type);
  const way = wayOf(health.match, matches, protocol, place);
  const { mode } = scope.backendTls;
  // A match is spoken as it stands, from the first byte on.
  const wanted =
    way.kind === 'match' ? (mode === 'on' ? 'on' : 'off') : type === 'tls' ? 'on' : type === 'tcp' ? 'off' : mode;
  const portProtocol = protocol ?? spoken;
  const name = health.match ?? type;
  const rules = {
    id: `${name} ${plans.filter((other) => other.group === group).length}`,
    fails,
    passes,
    mandatory,
    persistent,
  };
  const plan: CheckPlan = {
    rules,
    parameters: health,
    scope,
    group,
    zone,
    way,
    name,
    port: health.port ?? (portProtocol === undefined ? PROTOCOL_PORT : portOf(portProtocol, mode)),
    tls: checkTls(wanted, scope, group, portProtocol),
  };
  zone.addCheck(rules);
  plans.push(plan);
  return plan;
}

function wayOf(
  name: ByteString | undefined,
  matches: HealthMain['matches'],
  protocol: MailProtocol | undefined,
  place: ByteString,
): CheckWay {
  if (name === undefined) return protocol === undefined ? { kind: 'connect' } : { kind: 'dialogue', protocol };
  const known = matches.get(name);
  if (known === undefined) throw new ConfError(`unknown match "${name}" in "health_check" for ${place}`);
  return { kind: 'match', match: known };
}

/** 0 is at once, not for ever. */
const timeout = (ms = HEALTH_TIMEOUT_MS): number => Math.max(1, ms);

/** It speaks for nobody: UNKNOWN or LOCAL, which is what they are for. */
function headerOf(version: ProxyVersion): Buffer | undefined {
  if (version === 0) return undefined;
  return version === 1 ? proxyHeaderV1(undefined, undefined) : proxyHeaderV2(undefined, undefined);
}
