// What a second worker brings. Where the load leaves no processor free, logins a second say little: what the busier
// worker needs for each login says how many both could take.
import { MailProxy, NGINX, POSTERN, present } from '../proxy.ts';
import { inRounds, numberOf, type Slice, slice } from '../rounds.ts';
import type { Workload } from './workload.ts';

const ABREAST = 64;

interface Pair {
  readonly one: MailProxy;
  readonly two: MailProxy;
}

const busiestMs = ({ workersMs, found }: Slice): number => Math.max(...workersMs) / numberOf(found, 'good');
const perMs = ({ found }: Slice): number => numberOf(found, 'good') / numberOf(found, 'ms');

export const workersWorkload: Workload = {
  name: 'workers',
  rows: ['workers-capacity', 'workers-logins'],
  run: async (bench, scope) => {
    const pairs: Pair[] = [];
    for (const contestant of present(POSTERN, NGINX)) {
      const [one, two] = [
        await MailProxy.start(scope, bench, contestant),
        await MailProxy.start(scope, bench, contestant, { workers: 2 }),
      ];
      pairs.push({ one, two });
    }
    const { sharedLogins, sharedRounds } = bench.options.sizes;
    const visit = (proxy: MailProxy): Promise<Slice> =>
      slice(bench, proxy, proxy.door('imap'), { mode: 'login', count: sharedLogins, abreast: ABREAST });
    for (const { one, two } of pairs) {
      for (const proxy of [one, two, two]) await visit(proxy); // each of the two has half of it
    }
    await inRounds(sharedRounds, pairs, async ({ one, two }) => {
      const [alone, both] = [await visit(one), await visit(two)];
      bench.figures.add('workers-capacity', one.name, busiestMs(alone) / busiestMs(both));
      bench.figures.add('workers-logins', one.name, perMs(both) / perMs(alone));
    });
  },
};
