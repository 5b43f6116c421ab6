// Processor time of what is relayed: much, to one client and to several, both ways, in clear and over TLS.
import { MailProxy, NGINX, NGINX_64K, POSTERN, present } from '../proxy.ts';
import { inRounds, slice } from '../rounds.ts';
import type { Workload } from './workload.ts';

const GIB = 1024 ** 3;
const CLIENTS = [1, 16];

const CASES = (['clear', 'tls'] as const).flatMap((security) =>
  (['down', 'up'] as const).flatMap((direction) =>
    CLIENTS.map((clients) => ({ security, direction, clients, row: `bulk-${security}-${direction}-${clients}` })),
  ),
);

export const bulkWorkload: Workload = {
  name: 'bulk',
  rows: CASES.map(({ row }) => row),
  run: async (bench, scope, wants) => {
    const proxies: MailProxy[] = [];
    for (const contestant of present(POSTERN, NGINX, NGINX_64K)) {
      proxies.push(await MailProxy.start(scope, bench, contestant));
    }
    const { bulkBytes, rounds } = bench.options.sizes;
    for (const { security, direction, clients, row } of CASES) {
      if (!wants(row)) continue;
      const move = async (proxy: MailProxy, part: number): Promise<number> => {
        const door = security === 'tls' ? proxy.door('ec', '1.3') : proxy.door('imap');
        const bytes = Math.round((bulkBytes * part) / clients);
        const { cpuMs } = await slice(bench, proxy, door, { mode: direction, clients, bytes, abreast: clients });
        return cpuMs / 1000 / ((bytes * clients) / GIB);
      };
      for (const proxy of proxies) await move(proxy, 0.25);
      await inRounds(rounds, proxies, async (proxy) => bench.figures.add(row, proxy.name, await move(proxy, 1)));
    }
  },
};
