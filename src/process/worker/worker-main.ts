// A worker process from its first message to its last. Its master speaks first.
import type { ServerHandle } from 'node:net';
import type { ByteString } from '../../conf/directive.ts';
import type { ListenSource } from '../../net/transport.ts';
import type { ToMaster, ToWorker } from '../messages.ts';
import { Numbers } from '../numbers.ts';
import { Signals } from '../signals.ts';
import { Worker } from './worker.ts';

export function runWorker(): void {
  const signals = new Signals();
  const tell = (message: ToMaster, sent: () => void): void => {
    // Without a master there is nobody to tell; the worker serves on.
    if (process.connected) process.send?.(message, undefined, undefined, sent);
    else sent();
  };
  const numbers = new Numbers(() => tell({ kind: 'numbers' }, () => {}), process.pid);
  const sockets = new Map<ByteString, ListenSource>();
  let worker: Worker | undefined;

  process.on('message', (message: ToWorker, handle: unknown) => {
    switch (message.kind) {
      case 'socket':
        if (isServerHandle(handle)) sockets.set(message.text, handle);
        break;
      case 'init':
        for (const { text, fd } of message.sockets) sockets.set(text, { fd });
        worker = new Worker(message, numbers, tell);
        worker.start(sockets);
        signals.serve((signal) => worker?.receive(signal));
        break;
      case 'numbers':
        numbers.add(message.first);
        break;
      case 'share':
        worker?.fairShare?.share(message.sessions, message.upTo);
        break;
      case 'quit':
        worker?.quit();
        break;
      case 'stop':
        worker?.stop();
        break;
      case 'reopen':
        worker?.reopen();
        break;
      case 'session':
      case 'forget-session':
      case 'ticket-keys':
        worker?.sessions.receive(message);
        break;
      case 'peers':
      case 'check-peers':
        worker?.peers.receive(message);
        break;
      case 'belongs':
        worker?.affinity.receive(message);
        break;
      case 'control':
      case 'control-result':
        worker?.control.receive(message);
        break;
      case 'try':
        worker?.control.lockOut.receive(message);
        break;
      case 'history':
        worker?.status.history.receive(message);
        break;
      case 'count':
      case 'others':
        worker?.status.receive(message);
        break;
      default:
        message satisfies never;
    }
  });

  tell({ kind: 'up' }, () => {});

  process.on('disconnect', () => {
    worker?.sessions.lost();
    worker?.status.lost();
    worker?.peers.lost();
    worker?.affinity.lost();
    worker?.control.lost();
    worker?.fairShare?.end();
  });
}

const isServerHandle = (value: unknown): value is ServerHandle =>
  typeof value === 'object' && value !== null && 'listen' in value;
