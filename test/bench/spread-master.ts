// A master of the comparison: binds, starts its workers, and does what the way asks of a master.
import { type ChildProcess, spawn } from 'node:child_process';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { Shares } from '../../src/process/master/shares.ts';
import { type Counts, type FromMaster, type FromWorker, type Question, type Started, WAYS } from './ways.ts';

const ENTRY = fileURLToPath(new URL('./spread-worker.js', import.meta.url));
const BACKLOG = 511;
const [, , wayName = '', count = '4'] = process.argv;
const way = WAYS.find((name) => name === wayName) ?? 'shared';

interface Worker {
  readonly child: ChildProcess;
  sessions: number;
  tell(message: FromMaster): void;
  send(connection: net.ConnectionHandle): void;
}

const workers: Worker[] = [];
const shares = new Shares();
let ready = 0;
let counts: number[] = [];
let turn = 0;

const say = (message: Started | Counts): void => void process.send?.(message);
const { handle, port } = bind();

function bind(): { handle: net.ServerHandle; port: number } {
  const bound = net._createServerHandle('127.0.0.1', 0, 4);
  if (typeof bound === 'number') throw new Error(`bind: ${bound}`);
  const name: { port?: number } = {};
  bound.getsockname?.(name);
  return { handle: bound, port: name.port ?? 0 };
}

function next(): Worker | undefined {
  return workers[turn++ % workers.length];
}

/** The one with the fewest; what it was sent counts before it says so. */
function leastLoaded(): Worker | undefined {
  let found = workers[0];
  for (const worker of workers) if (found === undefined || worker.sessions < found.sessions) found = worker;
  if (found !== undefined) found.sessions++;
  return found;
}

function start(): Worker {
  const env = { ...process.env, ...(way === 'one by one' ? { UV_TCP_SINGLE_ACCEPT: '1' } : {}) };
  const sockets = way === 'reuseport' ? [] : [handle.fd];
  const child = spawn(process.execPath, [ENTRY], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...sockets],
    serialization: 'advanced',
    env,
  });
  const worker: Worker = {
    child,
    sessions: 0,
    tell: (message) => void child.send(message),
    send: (connection) => void child.send({ kind: 'connection' }, connection, () => connection.close()),
  };
  child.on('message', (message: FromWorker, connection?: net.ConnectionHandle) => {
    switch (message.kind) {
      case 'ready':
        shares.add(worker);
        if (++ready === Number(count)) started();
        return;
      case 'sessions':
        worker.sessions = message.count;
        shares.report(worker, message.count, message.waits);
        return;
      case 'counts':
        counts.push(message.count);
        if (counts.length === workers.length) say({ kind: 'counts', counts });
        return;
      case 'connection':
        if (connection !== undefined) leastLoaded()?.send(connection);
        return;
      default:
        message satisfies never;
    }
  });
  child.on('exit', () => {
    workers.splice(workers.indexOf(worker), 1);
    shares.remove(worker);
  });
  worker.tell({ kind: 'listen', way, port });
  return worker;
}

function started(): void {
  say({ kind: 'started', port, pids: workers.map(({ child }) => child.pid ?? 0) });
}

if (way === 'round robin') {
  // On the bare handle, as node:cluster does it: no net.Socket is made here.
  handle.onconnection = (error, connection) => {
    if (error === 0) next()?.send(connection);
  };
  handle.listen(BACKLOG);
}
if (way === 'reuseport') handle.close();
for (let i = 0; i < Number(count); i++) workers.push(start());

process.on('message', ({ ask }: Question) => {
  if (ask === 'kill') workers[0]?.child.kill('SIGKILL');
  else {
    counts = [];
    for (const worker of workers) worker.tell({ kind: 'count' });
  }
});
process.on('disconnect', () => process.exit());
