// Memory of many sessions that do nothing: a fresh server for each kind, before and with them.
import { becomesIdle } from '../../long/usage.ts';
import { Cleanup } from '../../support/cleanup.ts';
import type { Bench } from '../bench.ts';
import { type Contestant, MailProxy, NGINX, POSTERN, present } from '../proxy.ts';
import { inRounds, numberOf, slice } from '../rounds.ts';
import type { Workload } from './workload.ts';

const OPENING = 64;
/** So that what a first session loads is not counted; few, since what they leave behind may be used by others. */
const WARM_UP = 50;

const CASES = (['clear', 'tls'] as const).flatMap((security) =>
  [0, 1].map((login) => ({ security, login, row: `idle-${security}-${login === 1 ? 'login' : 'greeting'}` })),
);

type Case = (typeof CASES)[number];

async function measure(bench: Bench, contestant: Contestant, { security, login, row }: Case): Promise<void> {
  const scope = new Cleanup();
  try {
    const proxy = await MailProxy.start(scope, bench, contestant);
    const door = security === 'tls' ? proxy.door('ec', '1.3') : proxy.door('imap');
    await slice(bench, proxy, door, { mode: 'login', count: WARM_UP, abreast: 8 });
    await becomesIdle(proxy.server.pid);
    const [base, before] = [proxy.memory(), proxy.memory('Rss')];
    const count = bench.options.sizes.sessions;
    const load = await bench.load(scope, door, { mode: 'hold', count, abreast: OPENING, login });
    const found = await load.carryOut();
    if (numberOf(found, 'good') !== count)
      throw new Error(`${proxy.name}: ${numberOf(found, 'good')} of ${count} sessions`);
    await becomesIdle(proxy.server.pid);
    // What is shared counts less when other processes come, and more when they go.
    const each = (proxy.memory('Rss') - before) / count / 1024;
    if ((await load.finish()) !== count) throw new Error(`${proxy.name}: idle sessions were lost`);
    bench.figures.add(row, proxy.name, each);
    if (row === 'idle-clear-greeting') bench.figures.add('idle-base', proxy.name, base / 1024 ** 2);
  } finally {
    await scope.run();
  }
}

export const idleWorkload: Workload = {
  name: 'idle',
  rows: ['idle-base', ...CASES.map(({ row }) => row)],
  run: async (bench, _scope, wants) => {
    for (const what of CASES) {
      const base = what.row === 'idle-clear-greeting' && wants('idle-base');
      if (!wants(what.row) && !base) continue;
      await inRounds(bench.options.sizes.memoryRounds, present(POSTERN, NGINX), (contestant) =>
        measure(bench, contestant, what),
      );
    }
  },
};
