// The listening sockets of a cycle: all are tried, those in use again for a while, as nginx does at start.
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoSuffix } from '../core/errno.ts';
import { Level } from '../core/log.ts';
import { type BoundSocket, bindSocket } from '../net/bind.ts';
import type { Listening } from '../net/listening.ts';

const EADDRINUSE = 98;
const ROUNDS = 5;
const PAUSE_MS = 500;

/** Takes a record to the configured logs, and to stderr while the process starts. */
export type Report = (level: Level, text: string) => void;

/**
 * Binds every listening.
 * @param patient false: an address in use is passed over in silence (`-t`)
 * @returns undefined when something could not be bound; why is reported, and everything is closed again
 */
export async function bindAll(
  listenings: readonly Listening[],
  patient: boolean,
  report: Report,
): Promise<readonly BoundSocket[] | undefined> {
  const bound: BoundSocket[] = [];
  let waiting = listenings;
  for (let round = 1; waiting.length > 0; round++) {
    const inUse: Listening[] = [];
    for (const listening of waiting) {
      const socket = bindSocket(listening);
      if ('handle' in socket) {
        bound.push(socket);
        continue;
      }
      if (socket.errno === EADDRINUSE && !patient) continue;
      report(Level.emerg, `${socket.call} failed${errnoSuffix(socket.errno)}`);
      if (socket.errno !== EADDRINUSE) {
        closeAll(bound);
        return undefined;
      }
      inUse.push(listening);
    }
    waiting = inUse;
    if (waiting.length === 0) break;
    report(Level.notice, 'try again to bind() after 500ms');
    await sleep(PAUSE_MS);
    if (round === ROUNDS) {
      report(Level.emerg, 'still could not bind()');
      closeAll(bound);
      return undefined;
    }
  }
  return bound;
}

/** Closes sockets that nothing accepts on; those of unix listeners are removed from the disk. */
export function closeAll(sockets: readonly BoundSocket[]): void {
  for (const { handle } of sockets) handle.close();
}
