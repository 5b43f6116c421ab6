// How long a login takes where nobody else is there: from connect to the reply that lets the client in.
import { MailProxy, NGINX, POSTERN, present } from '../proxy.ts';
import { inRounds, numberOf, slice } from '../rounds.ts';
import type { Workload } from './workload.ts';

const WARM_UP_MS = 300;

export const latencyWorkload: Workload = {
  name: 'latency',
  rows: ['latency-clear-p50', 'latency-clear-p99', 'latency-tls-p50', 'latency-tls-p99'],
  run: async (bench, scope, wants) => {
    const proxies: MailProxy[] = [];
    for (const contestant of present(POSTERN, NGINX)) proxies.push(await MailProxy.start(scope, bench, contestant));
    for (const security of ['clear', 'tls'] as const) {
      if (!wants(`latency-${security}-p50`) && !wants(`latency-${security}-p99`)) continue;
      const visit = (proxy: MailProxy, ms: number) => {
        const door = security === 'tls' ? proxy.door('rsa', '1.3') : proxy.door('imap');
        return slice(bench, proxy, door, { mode: 'login', ms, abreast: 1 });
      };
      for (const proxy of proxies) await visit(proxy, WARM_UP_MS);
      await inRounds(bench.options.sizes.rounds, proxies, async (proxy) => {
        const { found } = await visit(proxy, bench.options.sizes.latencyMs);
        for (const quantile of ['p50', 'p99']) {
          bench.figures.add(`latency-${security}-${quantile}`, proxy.name, numberOf(found, quantile) / 1000);
        }
      });
    }
  },
};
