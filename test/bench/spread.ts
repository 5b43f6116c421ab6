// Measures the ways of spreading connections over workers, and prints the table of docs/performance.md.
// Usage: node dist/test/bench/spread.js [way …]
import { fork } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { greeted, hold, load } from './clients.ts';
import { cpuMs } from './cpu-time.ts';
import { type Counts, type Question, type Started, WAYS, type Way } from './ways.ts';

const MASTER = fileURLToPath(new URL('./spread-master.js', import.meta.url));
const WORKERS = 4;
const HELD = 2000;
const BURST = 100;
const VISITS = 20_000;
const ABREAST = 32;

interface Running {
  readonly port: number;
  readonly pids: readonly number[];
  readonly masterPid: number;
  counts(): Promise<readonly number[]>;
  kill(): void;
  stop(): void;
}

interface Row {
  readonly way: Way;
  readonly sequential: readonly number[];
  readonly bursts: readonly number[];
  readonly perSecond: number;
  readonly masterUs: number;
  readonly workersUs: number;
  readonly lost: number;
}

function start(way: Way): Promise<Running> {
  const child = fork(MASTER, [way, String(WORKERS)]);
  const answered: ((counts: readonly number[]) => void)[] = [];
  const ask = (question: Question): void => void child.send(question);
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${way}: the master ended with ${code}`)));
    child.on('message', (message: Started | Counts) => {
      if (message.kind === 'counts') answered.shift()?.(message.counts);
      else {
        resolve({
          port: message.port,
          pids: message.pids,
          masterPid: child.pid ?? 0,
          counts: () =>
            new Promise((done) => {
              answered.push(done);
              ask({ ask: 'counts' });
            }),
          kill: () => ask({ ask: 'kill' }),
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

const spread = (way: Way, group: number): Promise<readonly number[]> =>
  within(way, async ({ port, counts }) => {
    const sockets = await hold(port, HELD, group);
    const found = await counts();
    for (const socket of sockets) socket.destroy();
    return found;
  });

const cost = (way: Way): Promise<Pick<Row, 'perSecond' | 'masterUs' | 'workersUs'>> =>
  within(way, async ({ port, pids, masterPid }) => {
    await load(port, VISITS / 10, ABREAST, () => {}); // warms up
    const sum = (): number => pids.reduce((ms, pid) => ms + cpuMs(pid), 0);
    const [master, workers] = [cpuMs(masterPid), sum()];
    const { done, ms } = await load(port, VISITS, ABREAST, () => {});
    return {
      perSecond: (done / ms) * 1000,
      masterUs: ((cpuMs(masterPid) - master) / done) * 1000,
      workersUs: ((sum() - workers) / done) * 1000,
    };
  });

/** One worker is killed under load: connections that were never greeted. */
const losses = (way: Way): Promise<number> =>
  within(way, async ({ port, kill }) => {
    const { failed } = await load(port, VISITS / 4, ABREAST, (done) => {
      if (done === VISITS / 8) kill();
    });
    await greeted(port).then((socket) => socket.destroy());
    return failed;
  });

async function measure(way: Way): Promise<Row> {
  return {
    way,
    sequential: await spread(way, 1),
    bursts: await spread(way, BURST),
    ...(await cost(way)),
    lost: await losses(way),
  };
}

function print(row: Row): void {
  const most = (counts: readonly number[]): string =>
    `${Math.min(...counts)}–${Math.max(...counts)} (${((Math.max(...counts) * WORKERS) / HELD).toFixed(2)})`;
  const cells = [
    row.way,
    most(row.sequential),
    most(row.bursts),
    row.perSecond.toFixed(0),
    row.masterUs.toFixed(0),
    row.workersUs.toFixed(0),
    String(row.lost),
  ];
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const wanted = WAYS.filter((way) => process.argv.length === 2 || process.argv.includes(way));
process.stdout.write(
  `Node.js ${process.version}, libuv ${process.versions.uv}, ${cpus().length} × ${cpus()[0]?.model}, ${WORKERS} workers\n`,
);
process.stdout.write('| Way | One after the other | In bursts | Accepted/s | Master µs | Workers µs | Lost |\n');
process.stdout.write('| --- | --- | --- | --- | --- | --- | --- |\n');
for (const way of wanted) {
  if (way === 'reuseport' && (major < 23 || (major === 23 && minor < 1))) continue;
  print(await measure(way));
}
