// The status_zone module: names by which the requests of servers and locations are counted.
import { args, type ByteString, type Directive, Fault, whole } from '../conf/directive.ts';
import { Key, type Store } from '../conf/store.ts';
import { statsModule } from '../stats/module.ts';
import type { StatsRegistry } from '../stats/registry.ts';
import type { RequestCounters } from '../stats/request-counters.ts';
import { SWITCHED } from './answer/answer.ts';
import { defineHttpModule } from './define.ts';
import type { HttpRequest } from './request/request.ts';
import { requestLength } from './request/request-length.ts';

interface ZoneMain {
  isUsed: boolean;
}

interface ZoneRaw {
  zone: Zone | 'off' | undefined;
}

interface ZoneConf {
  readonly zone: Zone | undefined;
}

/** Has counters when a worker begins to serve, and something shows them. */
class Zone {
  readonly name: ByteString;
  counters: RequestCounters | undefined;

  constructor(name: ByteString) {
    this.name = name;
  }
}

const doc = {
  syntax: 'status_zone zone;',
  summary: 'The name by which requests are counted, in the api. Those of one name are counted together.',
};

const statusZone = (contexts: Directive<ZoneRaw>['contexts'], mayBeOff: boolean): Directive<ZoneRaw> => ({
  name: 'status_zone',
  contexts,
  arity: args(1),
  doc: mayBeOff ? { ...doc, syntax: 'status_zone zone | off;', values: ['off'] } : doc,
  set: (cf, [name = ''], conf) => {
    if (conf.zone !== undefined) return new Fault('is duplicate');
    if (name === '') return whole(`invalid zone name "${name}"`);
    conf.zone = mayBeOff && name === 'off' ? 'off' : new Zone(name);
    cf.store.get(statusZoneModule.main).isUsed = true;
    return undefined;
  },
});

const create = (): ZoneRaw => ({ zone: undefined });
const zoneOf = ({ zone }: ZoneRaw): Zone | undefined => (zone === 'off' ? undefined : zone);

export const statusZoneModule = defineHttpModule({
  name: 'status_zone',
  main: { create: (): ZoneMain => ({ isUsed: false }) },
  srv: {
    create,
    directives: [statusZone(['http.server'], false)],
    merge: (_prev: ZoneConf | undefined, raw): ZoneConf => ({ zone: zoneOf(raw) }),
  },
  loc: {
    create,
    directives: [statusZone(['http.location', 'http.location.if'], true)],
    merge: (prev: ZoneConf | undefined, raw): ZoneConf => ({ zone: raw.zone === undefined ? prev?.zone : zoneOf(raw) }),
  },
  isUsed,
  start: ({ stores }, { status }) => openZones(stores, status.registry),
  handlers: { postRead: begin, log: end },
});

function isUsed(store: Store): boolean {
  return store.get(statusZoneModule.main).isUsed && store.get(statsModule.conf).isShown;
}

/** @param stores of servers and locations */
function openZones(stores: readonly Store[], registry: StatsRegistry): void {
  for (const store of stores) {
    const { zone: ofServer } = store.get(statusZoneModule.srv);
    const { zone: ofLocation } = store.get(statusZoneModule.loc);
    if (ofServer !== undefined) ofServer.counters = registry.requests('server', ofServer.name);
    if (ofLocation !== undefined) ofLocation.counters = registry.requests('location', ofLocation.name);
  }
}

/** It is one of those that its server processes. */
const COUNTED = new Key<true>('http status_zone counted');

function begin(request: HttpRequest): undefined {
  const { counters } = request.serverStore.get(statusZoneModule.srv).zone ?? {};
  if (counters === undefined || request.main !== undefined) return;
  counters.began();
  request.context.set(COUNTED, true);
}

/** What could not be read has not begun. */
function end(request: HttpRequest): void {
  const { zone: ofServer } = request.serverStore.get(statusZoneModule.srv);
  const { zone: ofLocation } = request.conf(statusZoneModule.loc);
  if (request.context.has(COUNTED)) ofServer?.counters?.ended();
  const { errorStatus, status, bytesSent } = request.response;
  const code = errorStatus === 0 ? status : errorStatus;
  // What was another protocol's from there on has had its answer, and its bytes are not ours.
  const answer = bytesSent === 0 && code !== SWITCHED ? undefined : code;
  const received = requestLength(request);
  for (const zone of [ofServer, ofLocation]) zone?.counters?.answered(answer, received, bytesSent);
}
