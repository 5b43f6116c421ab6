// A master of the comparison: binds, starts its workers, and does what the way asks of a master.
import { type ChildProcess, spawn } from 'node:child_process';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { Shares } from '../../src/process/master/shares.ts';
import { type FromMaster, type FromSpreadMaster, type FromWorker, type Question, WAYS } from './ways.ts';

const ENTRY = fileURLToPath(new URL('./spread-worker.js', import.meta.url));
const BACKLOG = 511;
const [, , wayName = '', count = '4'] = process.argv;
const way = WAYS.find((name) => name === wayName) ?? 'shared';
const { handle, port } = bind();

const say = (message: FromSpreadMaster): void => void process.send?.(message);

function bind(): { handle: net.ServerHandle; port: number } {
  const bound = net._createServerHandle('127.0.0.1', 0, 4);
  if (typeof bound === 'number') throw new Error(`bind: ${bound}`);
  const name: { port?: number } = {};
  bound.getsockname?.(name);
  return { handle: bound, port: name.port ?? 0 };
}

class BenchWorker {
  readonly child: ChildProcess;
  sessions = 0;

  constructor(received: (from: BenchWorker, message: FromWorker, connection?: net.ConnectionHandle) => void) {
    this.child = spawn(process.execPath, [ENTRY], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...(way === 'reuseport' ? [] : [handle.fd])],
      serialization: 'advanced',
    });
    this.child.on('message', (message: FromWorker, connection?: net.ConnectionHandle) =>
      received(this, message, connection),
    );
    this.tell({ kind: 'listen', way, port });
  }

  tell(message: FromMaster): void {
    if (this.child.connected) this.child.send(message, () => {});
  }

  /** Its copy here is closed when it is on its way. */
  send(connection: net.ConnectionHandle): void {
    this.sessions++; // until the worker says so itself
    this.child.send({ kind: 'connection' }, connection, () => connection.close());
  }
}

/** Workers that were started together. */
class BenchCrew {
  workers: BenchWorker[] = [];
  readonly #shares = new Shares();
  #counts: number[] = [];
  #turn = 0;

  /** Resolves when all of them accept connections. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      let ready = 0;
      for (let i = 0; i < Number(count); i++) {
        const worker = new BenchWorker((from, message, connection) => {
          if (message.kind === 'ready' && ++ready === Number(count)) resolve();
          this.#receive(from, message, connection);
        });
        this.workers.push(worker);
        worker.child.on('exit', () => {
          this.workers = this.workers.filter((other) => other !== worker);
          this.#shares.remove(worker);
        });
      }
    });
  }

  ask(): void {
    this.#counts = [];
    for (const worker of this.workers) worker.tell({ kind: 'count' });
  }

  /** Resolves when they have gone. */
  async quit(): Promise<void> {
    this.#shares.end();
    const gone = this.workers.map(({ child }) => new Promise((resolve) => child.once('exit', resolve)));
    for (const worker of this.workers) worker.tell({ kind: 'quit' });
    await Promise.all(gone);
  }

  next(): BenchWorker | undefined {
    return this.workers[this.#turn++ % this.workers.length];
  }

  leastLoaded(): BenchWorker | undefined {
    let found = this.workers[0];
    for (const worker of this.workers) if (found === undefined || worker.sessions < found.sessions) found = worker;
    return found;
  }

  #receive(from: BenchWorker, message: FromWorker, connection?: net.ConnectionHandle): void {
    switch (message.kind) {
      case 'ready':
        this.#shares.add(from);
        return;
      case 'sessions':
        from.sessions = message.count;
        this.#shares.report(from, message.count, message.begun, message.waits);
        return;
      case 'counts':
        this.#counts.push(message.count);
        if (this.#counts.length === this.workers.length) say({ kind: 'counts', counts: this.#counts });
        return;
      case 'connection':
        if (connection !== undefined) crew.leastLoaded()?.send(connection);
        return;
      default:
        message satisfies never;
    }
  }
}

let crew = new BenchCrew();

async function reload(): Promise<void> {
  const [old, young] = [crew, new BenchCrew()];
  await young.start();
  crew = young;
  await old.quit();
}

process.on('message', ({ ask }: Question) => {
  const [victim] = crew.workers;
  switch (ask) {
    case 'counts':
      crew.ask();
      return;
    case 'kill':
      victim?.child.kill('SIGKILL');
      victim?.child.once('exit', () => say({ kind: 'happened' }));
      return;
    case 'freeze':
      victim?.child.kill('SIGSTOP');
      say({ kind: 'happened' });
      return;
    case 'reload':
      void reload().then(() => say({ kind: 'happened' }));
      return;
    default:
      ask satisfies never;
  }
});
process.on('disconnect', () => {
  for (const { child } of crew.workers) child.kill('SIGKILL'); // also one that hangs
  process.exit();
});

if (way === 'reuseport') handle.close();
await crew.start();
if (way === 'round robin') {
  // On the bare handle, as node:cluster does it: no net.Socket is made here.
  handle.onconnection = (error, connection) => {
    if (error === 0) crew.next()?.send(connection);
  };
  handle.listen(BACKLOG);
}
say({ kind: 'started', port, pids: crew.workers.map(({ child }) => child.pid ?? 0) });
