// How long a start takes, up to the greeting, and how long a test of the configuration.
import { Child } from '../../support/children.ts';
import { Cleanup } from '../../support/cleanup.ts';
import type { Bench } from '../bench.ts';
import { type Contestant, NGINX, POSTERN, present } from '../proxy.ts';
import { inRounds, numberOf } from '../rounds.ts';
import { makeSite, type Site } from '../test-configuration.ts';
import type { Workload } from './workload.ts';

/** On the clock that the load tells the time by. */
const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

async function startsIn(bench: Bench, { command, args, host, port }: Site): Promise<number> {
  const scope = new Cleanup();
  try {
    const client = await bench.load(scope, { host, port, protocol: 'imap' }, { mode: 'greet' });
    client.order();
    const started = nowMs();
    const server = new Child(command, args);
    scope.after(async () => {
      await server.stop(['SIGTERM']);
    });
    const gone = server.exited.then(() => Promise.reject(new Error(`${command} ended: ${server.stderr}`)));
    const found = await Promise.race([client.found(), gone]);
    return numberOf(found, 'at') / 1e6 - started;
  } finally {
    await scope.run();
  }
}

async function testsIn({ command, args }: Site): Promise<number> {
  const started = nowMs();
  const child = new Child(command, [...args, '-t']);
  const { code } = await child.ends();
  if (code !== 0) throw new Error(`${command} -t: ${child.stderr}`);
  return nowMs() - started;
}

/** What no program on Node.js can do without: how fast this machine is. */
async function nodeIn(): Promise<number> {
  const started = nowMs();
  await new Child(process.execPath, ['-e', '0']).ends();
  return nowMs() - started;
}

interface Entry {
  readonly contestant: Contestant;
  readonly site: Site;
}

export const startWorkload: Workload = {
  name: 'start',
  rows: ['start-master', 'start-single', 'start-test', 'start-node'],
  run: async (bench, scope, wants) => {
    const rows = ['start-master', 'start-single', 'start-test'].filter(wants);
    const measureNode = async (): Promise<void> => bench.figures.add('start-node', 'postern', await nodeIn());
    for (const row of rows) {
      const entries: Entry[] = [];
      for (const contestant of present(POSTERN, NGINX)) {
        entries.push({ contestant, site: await makeSite(scope, bench, contestant, row === 'start-single') });
      }
      const once = ({ site }: Entry): Promise<number> => (row === 'start-test' ? testsIn(site) : startsIn(bench, site));
      for (const entry of entries) await once(entry); // files are in memory then
      await inRounds(bench.options.sizes.starts, entries, async (entry) => {
        bench.halt.check();
        bench.figures.add(row, entry.contestant.name, await once(entry));
        // In the same rounds: it says how long the others may take.
        if (entry === entries[0]) await measureNode();
      });
    }
    for (let i = 0; rows.length === 0 && i < bench.options.sizes.starts; i++) {
      bench.halt.check();
      await measureNode();
    }
  },
};
