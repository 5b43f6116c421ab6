// Reloads while clients log in and others are there: who is refused, who is lost, and how much longer a login takes.
import { Cleanup } from '../../support/cleanup.ts';
import type { Bench } from '../bench.ts';
import { type Contestant, MailProxy, NGINX, POSTERN, present } from '../proxy.ts';
import { inRounds, numberOf } from '../rounds.ts';
import type { Found } from '../tool.ts';
import type { Workload } from './workload.ts';

const HELD = 100;
const ABREAST = 4;
const STEADY_MS = 1500;
const REPLACED = /gracefully shutting down\n/g;

/** An old worker is told to go once new ones are there. */
async function reload({ server }: MailProxy, count: number): Promise<void> {
  for (let i = 1; i <= count; i++) {
    const before = [...server.log.text().matchAll(REPLACED)].length;
    server.signal('SIGHUP');
    await server.log.waitUntil((text) => ([...text.matchAll(REPLACED)].length > before ? true : undefined), 20_000);
  }
}

async function measure(bench: Bench, contestant: Contestant): Promise<void> {
  const scope = new Cleanup();
  try {
    const proxy = await MailProxy.start(scope, bench, contestant, { logLevel: 'notice' });
    const door = proxy.door('imap');
    const held = await bench.load(scope, door, { mode: 'hold', count: HELD, abreast: 16 });
    await held.carryOut();
    const logIn = async (args: { ms?: number }, meanwhile: () => Promise<void>): Promise<Found> => {
      const load = await bench.load(scope, door, { mode: 'login', abreast: ABREAST, ...args });
      load.order();
      await meanwhile();
      if (args.ms === undefined) load.order(); // enough
      const found = await load.found();
      await load.finish();
      return found;
    };
    const nothing = async (): Promise<void> => {};
    await logIn({ ms: STEADY_MS / 3 }, nothing);
    const steady = await logIn({ ms: STEADY_MS }, nothing);
    const busy = await logIn({}, () => reload(proxy, bench.options.sizes.reloads));
    const gone = HELD - (await held.finish());
    const { figures } = bench;
    figures.add('reload-refused', proxy.name, numberOf(busy, 'refused'));
    figures.add('reload-lost', proxy.name, numberOf(busy, 'lost') + numberOf(busy, 'denied') + gone);
    figures.add('reload-p99', proxy.name, numberOf(busy, 'p99') / numberOf(steady, 'p99'));
  } finally {
    await scope.run();
  }
}

export const reloadWorkload: Workload = {
  name: 'reload',
  rows: ['reload-refused', 'reload-lost', 'reload-p99'],
  run: async (bench) => {
    await inRounds(bench.options.sizes.reloadRounds, present(POSTERN, NGINX), (contestant) =>
      measure(bench, contestant),
    );
  },
};
