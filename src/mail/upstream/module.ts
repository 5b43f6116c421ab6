// The mail upstream module: blocks of backends, with the directives of nginx's stream module.
import { bindDirectives } from '../../conf/bind.ts';
import { type Directive, whole } from '../../conf/directive.ts';
import { Key, Store } from '../../conf/store.ts';
import { sharedZonesModule } from '../../core/shared-zones.ts';
import { affinityDirective, type HasAffinity } from '../../upstream/affinity/directive.ts';
import { roundRobinBalancer } from '../../upstream/balance/least-conn.ts';
import { blockDirectives, checkBlock, type UpstreamBlock, upstreamBlock } from '../../upstream/block.ts';
import { peerZonesModule } from '../../upstream/peer-zones-module.ts';
import { UpstreamTable } from '../../upstream/reference.ts';
import { checkZones } from '../../upstream/zone.ts';
import { coreModule } from '../core-module.ts';
import { defineMailModule } from '../define.ts';
import { type HealthRaw, healthCheck, healthTimeout, noHealth } from '../health/parameters.ts';
import type { Session } from '../session/session.ts';
import { MAIL_UPSTREAM, MailGroup, plainGroup, UPSTREAMS } from './context.ts';

export interface MailBlock extends UpstreamBlock<Session>, HasAffinity<Session>, HealthRaw {}

interface UpstreamMain {
  readonly blocks: MailBlock[];
}

const UPSTREAM = new Key<MailBlock>('mail upstream (raw)');

const upstream: Directive<UpstreamMain> = {
  name: 'upstream',
  contexts: ['mail'],
  arity: { kind: 'block', min: 1, max: 1 },
  doc: { syntax: 'upstream name { ... }', summary: 'Backends that proxy_pass and Auth-Server reach by one name.' },
  set: (cf, [name = ''], conf) => {
    const { position } = cf;
    const fault = cf.store.get(UPSTREAMS).define(name, position);
    if (fault !== undefined) return fault;
    const block: MailBlock = { ...upstreamBlock<Session>(name, position), affinity: undefined, ...noHealth() };
    const store = new Store(cf.store);
    store.set(UPSTREAM, block);
    cf.block('mail.upstream', store);
    if (block.servers.length === 0) return whole('no servers are inside upstream');
    conf.blocks.push(block);
    return undefined;
  },
};

const inside: readonly Directive<MailBlock>[] = [
  ...blockDirectives(MAIL_UPSTREAM),
  affinityDirective(MAIL_UPSTREAM.context, MAIL_UPSTREAM),
  healthCheck([MAIL_UPSTREAM.context]),
  healthTimeout([MAIL_UPSTREAM.context]),
];

const module = defineMailModule<UpstreamMain, undefined, undefined>({
  name: 'upstream',
  mainDirectives: [upstream],
  createMainConf: () => ({ blocks: [] }),
  initMainConf: ({ blocks }, mail, env) => {
    const table = mail.get(UPSTREAMS);
    if (blocks.length > 0) checkZones(mail.get(sharedZonesModule.raw));
    for (const block of blocks) {
      const lookup = checkBlock(block, mail.get(coreModule.raw).resolver);
      const { name, servers, balancer = roundRobinBalancer } = block;
      const zone = block.zone && mail.get(peerZonesModule.raw).add(block.zone, `mail ${name}`);
      table.provide(
        name,
        new MailGroup(name, servers, balancer, { lookup, zone, zoneName: block.zone?.name, affinity: block.affinity }),
      );
    }
    table.resolve(env);
  },
  createSrvConf: () => undefined,
  mergeSrvConf: () => undefined,
});

export const upstreamModule: typeof module = {
  ...module,
  directives: [...module.directives, ...bindDirectives(inside, UPSTREAM)],
  createMain: (mail) => {
    mail.set(UPSTREAMS, new UpstreamTable(plainGroup));
    module.createMain(mail);
  },
};
