// Clients of the comparison: connections that are opened and held, and a load of short ones.
import net from 'node:net';

export interface Load {
  /** Greeted in all. */
  readonly done: number;
  readonly failed: number;
  readonly ms: number;
}

export interface LoadOptions {
  readonly count: number;
  /** So many at the same time. */
  readonly abreast: number;
  readonly patienceMs?: number;
  /** After each: greeted or failed so far. */
  readonly at?: (over: number) => void;
}

/** A connection that nobody greets in this time has failed. */
const PATIENCE_MS = 3000;

/** Connects and waits for the greeting. */
export function greeted(port: number, patienceMs = PATIENCE_MS): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed before the greeting')));
    socket.setTimeout(patienceMs, () => socket.destroy());
    socket.once('data', () => {
      socket.setTimeout(0);
      socket.off('error', reject);
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}

/** So many, in groups: those of a group connect at the same time, and the next group when all were greeted. */
export async function hold(port: number, count: number, group: number): Promise<net.Socket[]> {
  const sockets: net.Socket[] = [];
  while (sockets.length < count) {
    sockets.push(...(await Promise.all(Array.from({ length: group }, () => greeted(port)))));
  }
  return sockets;
}

/** Each connects, is greeted, and resets. */
export async function load(port: number, { count, abreast, patienceMs, at }: LoadOptions): Promise<Load> {
  const started = process.hrtime.bigint();
  let begun = 0;
  let done = 0;
  let failed = 0;
  const visit = async (): Promise<void> => {
    while (begun < count) {
      begun++;
      try {
        (await greeted(port, patienceMs)).resetAndDestroy(); // leaves no port in TIME_WAIT
        done++;
      } catch {
        failed++;
      }
      at?.(done + failed);
    }
  };
  await Promise.all(Array.from({ length: abreast }, visit));
  return { done, failed, ms: Number(process.hrtime.bigint() - started) / 1e6 };
}
