// Measures the ways of spreading connections over workers, and prints the table of docs/performance.md.
// Usage: npm run bench:spread -- [--rounds 5] [way …]
import { fork } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cpuMs } from '../support/cpu-time.ts';
import { hold, load } from './clients.ts';
import { type Cost, type Round, table } from './spread-table.ts';
import { type Event, type FromSpreadMaster, type Question, WAYS, type Way } from './ways.ts';

const MASTER = fileURLToPath(new URL('./spread-master.js', import.meta.url));
const WORKERS = 4;
const HELD = 2000;
const BURST = 100;
const VISITS = 4000;
const SLICES = 9;
/** While something happens to the workers. */
const BATCH = 1000;
const ABREAST = 32;
/** How long a visitor waits where a worker hangs. */
const PATIENCE_MS = 1000;

interface Running {
  readonly port: number;
  readonly pids: readonly number[];
  readonly masterPid: number;
  counts(): Promise<readonly number[]>;
  happens(event: Event): Promise<void>;
  stop(): void;
}

function start(way: Way): Promise<Running> {
  const child = fork(MASTER, [way, String(WORKERS)]);
  const answered: ((counts: readonly number[]) => void)[] = [];
  const ask = (what: Question['ask']): Promise<readonly number[]> =>
    new Promise((resolve) => {
      answered.push(resolve);
      child.send({ ask: what });
    });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${way}: the master ended with ${code}`)));
    child.on('message', (message: FromSpreadMaster) => {
      if (message.kind === 'counts') answered.shift()?.(message.counts);
      else if (message.kind === 'happened') answered.shift()?.([]);
      else {
        resolve({
          port: message.port,
          pids: message.pids,
          masterPid: child.pid ?? 0,
          counts: () => ask('counts'),
          happens: async (event) => void (await ask(event)),
          stop: () => child.disconnect(),
        });
      }
    });
  });
}

/** A fresh master and fresh workers for each. */
async function within<T>(way: Way, run: (running: Running) => Promise<T>): Promise<T> {
  const running = await start(way);
  try {
    return await run(running);
  } finally {
    running.stop();
  }
}

/** How many times its fair share the worker with the most connections has. */
const spread = (way: Way, group: number): Promise<number> =>
  within(way, async ({ port, counts }) => {
    const sockets = await hold(port, HELD, group);
    const found = await counts();
    for (const socket of sockets) socket.destroy();
    return (Math.max(...found) * WORKERS) / HELD;
  });

async function slice({ port, pids, masterPid }: Running): Promise<Cost> {
  const sum = (): number => pids.reduce((ms, pid) => ms + cpuMs(pid), 0);
  const [master, workers] = [cpuMs(masterPid), sum()];
  const { done, ms } = await load(port, { count: VISITS, abreast: ABREAST });
  return {
    perSecond: (done / ms) * 1000,
    masterUs: ((cpuMs(masterPid) - master) / done) * 1000,
    workersUs: ((sum() - workers) / done) * 1000,
  };
}

/** The median of several slices, since the machine may do other things for a moment. */
const cost = (way: Way): Promise<Cost> =>
  within(way, async (running) => {
    await load(running.port, { count: VISITS, abreast: ABREAST }); // warms up
    const slices: Cost[] = [];
    while (slices.length < SLICES) slices.push(await slice(running));
    const median = (pick: (cost: Cost) => number): number =>
      slices.map(pick).toSorted((a, b) => a - b)[Math.floor(SLICES / 2)] ?? 0;
    return {
      perSecond: median(({ perSecond }) => perSecond),
      masterUs: median(({ masterUs }) => masterUs),
      workersUs: median(({ workersUs }) => workersUs),
    };
  });

/** Connections that were not greeted when it happened under load. */
const lost = (way: Way, event: 'kill' | 'reload'): Promise<number> =>
  within(way, async ({ port, happens }) => {
    let failed = 0;
    let state: 'before' | 'during' | 'after' = 'before';
    const begin = (): void => {
      state = 'during';
      void happens(event).then(() => {
        state = 'after';
      });
    };
    const batch = async (): Promise<boolean> => {
      const at = (over: number): void => {
        if (state === 'before' && over >= BATCH / 2) begin();
      };
      failed += (await load(port, { count: BATCH, abreast: ABREAST, at })).failed;
      return state === 'after';
    };
    while (!(await batch()));
    await batch();
    return failed;
  });

/** The part of the visitors that nobody greets while one worker hangs. */
const unserved = (way: Way): Promise<number> =>
  within(way, async ({ port, happens }) => {
    await load(port, { count: ABREAST, abreast: ABREAST });
    await happens('freeze');
    const { done, failed } = await load(port, { count: BATCH / 4, abreast: ABREAST, patienceMs: PATIENCE_MS });
    return failed / (done + failed);
  });

const measure = async (way: Way): Promise<Round> => ({
  inTurn: await spread(way, 1),
  inBursts: await spread(way, BURST),
  cost: await cost(way),
  killed: await lost(way, 'kill'),
  reloaded: await lost(way, 'reload'),
  unserved: await unserved(way),
});

/** Older ones take the option and ignore it. */
function hasReusePort(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 23 || (major === 23 && minor >= 1);
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' } },
});
const rounds = Number(values.rounds);
const ways = WAYS.filter((way) => positionals.length === 0 || positionals.includes(way)).filter(
  (way) => way !== 'reuseport' || hasReusePort(),
);
const measured = new Map<Way, Round[]>(ways.map((way) => [way, []]));
// In turns, since the machine may do other things for a while.
for (let i = 1; i <= rounds; i++) {
  for (const way of ways) {
    process.stderr.write(`round ${i} of ${rounds}: ${way}\n`);
    measured.get(way)?.push(await measure(way));
  }
}
const [processor] = cpus();
process.stdout.write(
  `Node.js ${process.version}, ${cpus().length} × ${processor?.model}, ${WORKERS} workers, ${HELD} held, ${rounds} rounds\n`,
);
process.stdout.write(table(measured));
