// Clients of the comparison: connections that are opened and held, and a load of short ones.
import net from 'node:net';

export interface Load {
  /** Greeted in all. */
  readonly done: number;
  readonly failed: number;
  readonly ms: number;
}

/** A connection that nobody greets in this time counts as lost. */
const PATIENCE_MS = 3000;

/** Connects and waits for the greeting. */
export function greeted(port: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed before the greeting')));
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
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

/** Connects and resets, `abreast` at a time. */
export async function load(port: number, count: number, abreast: number, at: (done: number) => void): Promise<Load> {
  const started = process.hrtime.bigint();
  let begun = 0;
  let done = 0;
  let failed = 0;
  const visit = async (): Promise<void> => {
    while (begun < count) {
      begun++;
      try {
        (await greeted(port)).resetAndDestroy(); // leaves no port in TIME_WAIT
        done++;
      } catch {
        failed++;
      }
      at(done + failed);
    }
  };
  await Promise.all(Array.from({ length: abreast }, visit));
  return { done, failed, ms: Number(process.hrtime.bigint() - started) / 1e6 };
}
