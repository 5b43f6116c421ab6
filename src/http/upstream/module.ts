// The http upstream module (ngx_http_upstream_module): blocks of servers, and the variables about them.
import { bindDirectives } from '../../conf/bind.ts';
import { type Directive, whole } from '../../conf/directive.ts';
import { Key, Store } from '../../conf/store.ts';
import type { ResolverSpec } from '../../core/resolver-directive.ts';
import { sharedZonesModule } from '../../core/shared-zones.ts';
import { roundRobinBalancer } from '../../upstream/balance/least-conn.ts';
import { blockDirectives, checkBlock, type UpstreamBlock, upstreamBlock } from '../../upstream/block.ts';
import type { PeerZone } from '../../upstream/peer-zone.ts';
import { peerZonesModule } from '../../upstream/peer-zones-module.ts';
import { UpstreamTable } from '../../upstream/reference.ts';
import { checkZones } from '../../upstream/zone.ts';
import { defineHttpModule, type HttpModule } from '../define.ts';
import type { HttpRequest } from '../request/request.ts';
import { httpCoreModule } from '../servers/core-module.ts';
import { HTTP_UPSTREAM, UPSTREAMS } from './context.ts';
import { HttpGroup, plainGroup } from './group.ts';
import { type KeepaliveRaw, keepaliveDirectives, keepaliveRules } from './keepalive.ts';
import { upstreamVariables } from './variables.ts';

interface UpstreamRaw extends UpstreamBlock<HttpRequest>, KeepaliveRaw {}

interface UpstreamMain {
  readonly blocks: UpstreamRaw[];
}

const UPSTREAM = new Key<UpstreamRaw>('http upstream (raw)');

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
      ...upstreamBlock(name, position),
      keepalive: undefined,
      keepaliveTimeoutMs: undefined,
      keepaliveRequests: undefined,
      keepaliveTimeMs: undefined,
    };
    const store = new Store(cf.store);
    store.set(UPSTREAM, block);
    cf.block('http.upstream', store);
    if (block.servers.length === 0) return whole('no servers are inside upstream');
    conf.blocks.push(block);
    return undefined;
  },
};

const inside: readonly Directive<UpstreamRaw>[] = [...blockDirectives(HTTP_UPSTREAM), ...keepaliveDirectives];

const module = defineHttpModule<UpstreamMain, never, never, never, never>({
  name: 'upstream',
  main: {
    create: () => ({ blocks: [] }),
    directives: [upstream],
    init: ({ blocks }, http, env) => {
      const table = http.get(UPSTREAMS);
      checkZones(http.get(sharedZonesModule.raw));
      const inherited = http.get(httpCoreModule.loc).resolver;
      for (const block of blocks) {
        const zone = block.zone && http.get(peerZonesModule.raw).add(block.zone, `http ${block.name}`);
        table.provide(block.name, build(block, inherited, zone));
      }
      table.resolve(env);
    },
  },
  variables: upstreamVariables,
});

export const upstreamModule: HttpModule<UpstreamMain, never, never, never, never> = {
  ...module,
  directives: [...module.directives, ...bindDirectives(inside, UPSTREAM)],
  createMain: (http) => {
    http.set(UPSTREAMS, new UpstreamTable(plainGroup));
    module.createMain(http);
  },
};

/** @throws ConfError */
function build(block: UpstreamRaw, inherited: ResolverSpec | undefined, zone: PeerZone | undefined): HttpGroup {
  const lookup = checkBlock(block, inherited);
  return new HttpGroup(
    block.name,
    block.servers,
    block.balancer ?? roundRobinBalancer,
    keepaliveRules(block),
    lookup,
    zone,
  );
}
