// The http upstream module (ngx_http_upstream_module): blocks of servers, and the variables about them.
import { bindDirectives } from '../../conf/bind.ts';
import { at, type ByteString, ConfError, type Directive, type Position, whole } from '../../conf/directive.ts';
import { msecSlot } from '../../conf/slots.ts';
import { Key, Store } from '../../conf/store.ts';
import { type ResolverSpec, resolverDirective } from '../../core/resolver-directive.ts';
import { sharedZonesModule } from '../../core/shared-zones.ts';
import { httpCoreModule } from '../core-module.ts';
import { defineHttpModule, type HttpModule } from '../define.ts';
import type { Balancer } from './balance/balancer.ts';
import { roundRobinBalancer } from './balance/least-conn.ts';
import { type ServerLine, UpstreamGroup } from './group.ts';
import { type KeepaliveRaw, keepaliveDirectives, keepaliveRules } from './keepalive.ts';
import { methodDirectives } from './methods.ts';
import { UPSTREAMS, UpstreamTable } from './reference.ts';
import { serverDirective } from './server-line.ts';
import { upstreamVariables } from './variables.ts';
import { checkZones, type HasZone, zoneDirective } from './zone.ts';

interface UpstreamRaw extends KeepaliveRaw, HasZone {
  readonly name: ByteString;
  readonly position: Position;
  servers: ServerLine[];
  balancer: Balancer | undefined;
  resolver: ResolverSpec | 'off' | undefined;
  resolverTimeoutMs: number | undefined;
}

interface UpstreamMain {
  readonly blocks: UpstreamRaw[];
}

const UPSTREAM = new Key<UpstreamRaw>('http upstream (raw)');
const inUpstream = { contexts: ['http.upstream'] } as const;

const upstream: Directive<UpstreamMain> = {
  name: 'upstream',
  contexts: ['http'],
  arity: { kind: 'block', min: 1, max: 1 },
  doc: { syntax: 'upstream name { ... }', summary: 'Servers that proxy_pass and fastcgi_pass reach by one name.' },
  set: (cf, [name = ''], conf) => {
    const { position } = cf;
    const fault = cf.store.get(UPSTREAMS).define(name, position);
    if (fault !== undefined) return fault;
    const block: UpstreamRaw = {
      name,
      position,
      servers: [],
      balancer: undefined,
      zone: undefined,
      keepalive: undefined,
      keepaliveTimeoutMs: undefined,
      keepaliveRequests: undefined,
      keepaliveTimeMs: undefined,
      resolver: undefined,
      resolverTimeoutMs: undefined,
    };
    const store = new Store(cf.store);
    store.set(UPSTREAM, block);
    cf.block('http.upstream', store);
    if (block.servers.length === 0) return whole('no servers are inside upstream');
    conf.blocks.push(block);
    return undefined;
  },
};

const inside: readonly Directive<UpstreamRaw>[] = [
  serverDirective,
  ...methodDirectives,
  ...keepaliveDirectives,
  zoneDirective,
  resolverDirective(inUpstream.contexts),
  msecSlot('resolver_timeout', 'resolverTimeoutMs', {
    ...inUpstream,
    syntax: 'resolver_timeout time;',
    default: '30s',
    summary: 'How long one look-up of a name may take.',
  }),
];

const module = defineHttpModule<UpstreamMain, never, never, never, never>({
  name: 'upstream',
  main: {
    create: () => ({ blocks: [] }),
    directives: [upstream],
    init: ({ blocks }, http, env) => {
      const table = http.get(UPSTREAMS);
      checkZones(http.get(sharedZonesModule.raw));
      const inherited = http.get(httpCoreModule.loc).resolver;
      for (const block of blocks) table.provide(block.name, build(block, inherited));
      table.resolve(env);
    },
  },
  variables: upstreamVariables,
});

export const upstreamModule: HttpModule<UpstreamMain, never, never, never, never> = {
  ...module,
  directives: [...module.directives, ...bindDirectives(inside, UPSTREAM)],
  createMain: (http) => {
    http.set(UPSTREAMS, new UpstreamTable());
    module.createMain(http);
  },
};

/** @throws ConfError */
function build(block: UpstreamRaw, inherited: ResolverSpec | undefined): UpstreamGroup {
  const { name, servers, position } = block;
  if (servers.every(({ parameters }) => parameters.backup)) {
    throw new ConfError(`no servers in upstream "${name}"`, position);
  }
  if (servers.some(({ resolve }) => resolve !== undefined)) {
    const place = `"${name}"${at(position)}`;
    if (block.zone === undefined) {
      throw new ConfError(`resolving names at run time requires upstream ${place} to be in shared memory`);
    }
    if ((block.resolver ?? inherited ?? 'off') === 'off') {
      throw new ConfError(`no resolver defined to resolve names at run time in upstream ${place}`);
    }
  }
  const own = block.resolver === 'off' ? undefined : block.resolver;
  return new UpstreamGroup(name, servers, block.balancer ?? roundRobinBalancer, keepaliveRules(block), {
    resolver: own ?? inherited,
    timeoutMs: block.resolverTimeoutMs,
  });
}
