// The prometheus module: what is counted, as metrics that Prometheus and OpenMetrics know.
import { args, type ByteString, type Directive, Fault } from '../../conf/directive.ts';
import { sumOfValues } from '../../stats/block.ts';
import { statsModule } from '../../stats/module.ts';
import { nameText } from '../../stats/name-text.ts';
import { PeerNumbers } from '../../stats/peer-counters.ts';
import type { PeerView, StatsRegistry } from '../../stats/registry.ts';
import { ResolverNumbers } from '../../stats/resolver-counters.ts';
import { ServerNumbers } from '../../stats/server-counters.ts';
import type { Everything } from '../../stats/status.ts';
import { defineHttpModule, type Outcome } from '../define.ts';
import type { HttpRequest } from '../request/request.ts';
import { httpCoreModule } from '../servers/core-module.ts';
import type { Source } from './metric.ts';
import { METRICS } from './metrics.ts';
import { CONTENT_TYPES, END, familyText, type TextFormat } from './text.ts';

interface PrometheusRaw {
  isThere: boolean | undefined;
}

const NOT_ALLOWED = 405;

const prometheus: Directive<PrometheusRaw> = {
  name: 'prometheus',
  contexts: ['http.location'],
  arity: args(0),
  doc: {
    syntax: 'prometheus;',
    summary: 'Answers with what is counted as metrics: in the text format of Prometheus, or as OpenMetrics.',
  },
  set: (cf, _args, conf) => {
    if (conf.isThere === true) return new Fault('is duplicate');
    conf.isThere = true;
    cf.store.get(httpCoreModule.locRaw).handler = showMetrics;
    cf.store.get(statsModule.raw).isShown = true;
    return undefined;
  },
};

async function showMetrics(request: HttpRequest): Promise<Outcome> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return NOT_ALLOWED;
  const { status } = request.client.services;
  const format = wantsOpenMetrics(request.header('accept')) ? 'openmetrics' : 'prometheus';
  const bytes = Buffer.from(metricsText(await status.all(), status.registry, format));
  const { response } = request;
  response.status = 200;
  response.contentType = CONTENT_TYPES[format];
  response.setBody(bytes);
  response.length = bytes.length;
  return 'done';
}

const wantsOpenMetrics = (accept: ByteString | undefined): boolean =>
  accept?.toLowerCase().includes('application/openmetrics-text') === true;

export function metricsText(everything: Everything, registry: StatsRegistry, format: TextFormat): string {
  const source = sourceOf(everything, registry);
  const text = METRICS.map((metric) => familyText(metric, metric.samples(source), format)).join('');
  return format === 'openmetrics' ? text + END : text;
}

function sourceOf(everything: Everything, registry: StatsRegistry): Source {
  const { blocks } = everything.total;
  return {
    everything,
    registry,
    servers: registry.zones.map(({ name, protocol, key }) => ({
      labels: [nameText(name), protocol],
      numbers: new ServerNumbers(blocks.get(key)),
    })),
    peers: registry.upstreams.flatMap(({ name, peers }) =>
      alike(peers()).map((same) => ({
        labels: [name, ...labelsOf(same[0])].map(nameText),
        states: same.map(({ state }) => state),
        numbers: new PeerNumbers(sumOfValues(same.map(({ key }) => blocks.get(key)))),
      })),
    ),
    resolvers: registry.resolvers.map(({ name, key }) => ({
      labels: [nameText(name)],
      numbers: new ResolverNumbers(blocks.get(key)),
    })),
  };
}

const labelsOf = ({ name, address }: PeerView): readonly [ByteString, ByteString] => [name, address];

/** Servers that stand several times in a group are shown as one: nothing tells their labels apart. */
function alike(peers: readonly PeerView[]): readonly (readonly [PeerView, ...PeerView[]])[] {
  const found = new Map<string, [PeerView, ...PeerView[]]>();
  for (const peer of peers) {
    const key = labelsOf(peer).join('\0');
    const known = found.get(key);
    if (known === undefined) found.set(key, [peer]);
    else known.push(peer);
  }
  return [...found.values()];
}

export const prometheusModule = defineHttpModule({
  name: 'prometheus',
  loc: {
    create: (): PrometheusRaw => ({ isThere: undefined }),
    directives: [prometheus],
    merge: (_prev, raw): Readonly<PrometheusRaw> => raw,
  },
});
