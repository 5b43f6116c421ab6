// A worker of the comparison: accepts in one of the ways, greets, and holds its connections.
import net from 'node:net';
import { AcceptGate } from '../../src/net/listen/accept-gate.ts';
import { ceilingOf, FairShare } from '../../src/process/worker/fair-share.ts';
import type { FromMaster, FromWorker, Way } from './ways.ts';

const FD = 4;
const GREETING = Buffer.from('* OK IMAP4 ready\r\n');
const BACKLOG = 511;

const tell = (message: FromWorker): void => void process.send?.(message);
const gate = new AcceptGate();
const share = new FairShare(gate, (count, begun, waits) => tell({ kind: 'sessions', count, begun, waits }));
const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, accepted);
const held = new Set<net.Socket>();
let way: Way = 'shared';
let average = 0;
/** Handed off, and not yet on their way. */
let leaving = 0;
let quits = false;

const isHandle = (value: unknown): value is net.ConnectionHandle =>
  typeof value === 'object' && value !== null && 'close' in value;

const handleOf = (socket: net.Socket): net.ConnectionHandle | undefined =>
  '_handle' in socket && isHandle(socket._handle) ? socket._handle : undefined;

function hold(socket: net.Socket): void {
  held.add(socket);
  socket.on('error', () => {});
  socket.on('close', () => {
    held.delete(socket);
    counted();
  });
  socket.resume();
  socket.write(GREETING);
  counted();
}

function counted(): void {
  if (way === 'gate' || way === 'hand-off') share.count(held.size);
  if (quits && held.size === 0 && leaving === 0) process.exit();
}

function accepted(socket: net.Socket): void {
  const handle = way === 'hand-off' && held.size > ceilingOf(average) ? handleOf(socket) : undefined;
  if (handle === undefined) {
    hold(socket);
    return;
  }
  leaving++;
  process.send?.({ kind: 'connection' }, handle, undefined, () => {
    handle.close();
    leaving--;
    counted();
  });
}

function listen(port: number): void {
  const ready = (): void => {
    if (way === 'gate') gate.guard([server]);
    tell({ kind: 'ready' });
  };
  if (way === 'round robin') ready();
  else if (way === 'reuseport') {
    const options = { port, host: '127.0.0.1', backlog: BACKLOG, reusePort: true };
    server.listen(options, ready);
  } else server.listen({ fd: FD }, BACKLOG, ready);
}

process.on('message', (message: FromMaster, handle?: net.ConnectionHandle) => {
  switch (message.kind) {
    case 'listen':
      way = message.way;
      listen(message.port);
      return;
    case 'count':
      tell({ kind: 'counts', count: held.size });
      return;
    case 'share':
      average = message.sessions;
      if (way === 'gate') share.share(average, message.upTo);
      return;
    case 'connection':
      if (handle !== undefined) hold(new net.Socket({ handle, allowHalfOpen: true, pauseOnCreate: true }));
      return;
    case 'quit':
      server.close();
      share.end();
      quits = true;
      counted();
      return;
    default:
      message satisfies never;
  }
});
process.on('disconnect', () => process.exit());
