// The listening sockets of the master: bound once, kept over reloads by their address, handed to every worker.

import { unlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoSuffix } from '../../core/errno.ts';
import { Level } from '../../core/log.ts';
import { adoptSocket, type BoundSocket, bindSocket } from '../../net/listen/bind.ts';
import type { ListeningSpec } from '../../net/listen/listening.ts';
import { closeSocket } from '../../net/listen/socket-name.ts';
import { socketPath } from '../../net/listen/socket-path.ts';
import type { Report } from '../cycle-logs.ts';

const EADDRINUSE = 98;
const ROUNDS = 5;
const PAUSE_MS = 500;

export class ListenerTable {
  readonly #sockets = new Map<string, BoundSocket>();

  get sockets(): readonly BoundSocket[] {
    return [...this.#sockets.values()];
  }

  /** Those that a configuration wants: a worker that held another one would keep it open. */
  of(wanted: readonly ListeningSpec[]): readonly BoundSocket[] {
    return wanted.flatMap((spec) => this.#sockets.get(spec.text) ?? []);
  }

  /** Takes over sockets of another process: those that the configuration does not want are closed. */
  adopt(inherited: ReadonlyMap<string, number>, wanted: readonly ListeningSpec[]): void {
    const names = new Set(wanted.map((spec) => spec.text));
    for (const [name, fd] of inherited) if (!names.has(name)) closeSocket(fd);
    for (const spec of wanted) {
      const fd = inherited.get(spec.text);
      const socket = fd === undefined ? undefined : adoptSocket(spec, fd);
      if (socket !== undefined && 'handle' in socket) this.#sockets.set(spec.text, socket);
    }
  }

  /**
   * Binds what is not there yet. All are tried; those in use again for a while.
   * @param patient false: an address in use is passed over in silence (`-t`)
   * @param isOver asked after each wait: nobody needs them now
   * @returns the new ones, or undefined when one could not be bound; why is reported, and the new ones are closed again
   */
  async bind(
    wanted: readonly ListeningSpec[],
    patient: boolean,
    report: Report,
    isOver = () => false,
  ): Promise<BoundSocket[] | undefined> {
    const added: BoundSocket[] = [];
    let waiting = wanted.filter((spec) => !this.#sockets.has(spec.text));
    for (let round = 1; waiting.length > 0; round++) {
      const inUse: ListeningSpec[] = [];
      for (const spec of waiting) {
        const socket = bindSocket(spec);
        if ('handle' in socket) {
          added.push(socket);
          this.#sockets.set(spec.text, socket);
          continue;
        }
        if (socket.errno === EADDRINUSE && !patient) continue;
        report(Level.emerg, `${socket.call} failed${errnoSuffix(socket.errno)}`);
        if (socket.errno !== EADDRINUSE) return this.#undo(added);
        inUse.push(spec);
      }
      waiting = inUse;
      if (waiting.length === 0) break;
      report(Level.notice, 'try again to bind() after 500ms');
      await sleep(PAUSE_MS);
      if (isOver()) return this.#undo(added);
      if (round === ROUNDS) {
        report(Level.emerg, 'still could not bind()');
        return this.#undo(added);
      }
    }
    return added;
  }

  /** Closes what the configuration no longer wants. */
  retain(wanted: readonly ListeningSpec[], report: Report): void {
    const names = new Set(wanted.map((spec) => spec.text));
    for (const [name, socket] of this.#sockets) {
      if (names.has(name)) continue;
      if (socket.listening.address.kind === 'unix')
        report(Level.warn, `deleting socket ${socket.listening.address.path}`);
      this.#close(name, socket, true);
    }
  }

  /** @param remove false: another process goes on with the unix sockets */
  closeAll(remove: boolean): void {
    for (const [name, socket] of this.#sockets) this.#close(name, socket, remove);
  }

  /** Takes back sockets that were bound for nothing. */
  release(sockets: readonly BoundSocket[]): void {
    for (const socket of sockets) this.#close(socket.listening.text, socket, true);
  }

  #undo(added: readonly BoundSocket[]): undefined {
    this.release(added);
    return undefined;
  }

  #close(name: string, socket: BoundSocket, remove: boolean): void {
    // Once: its path may be another process's by now.
    if (this.#sockets.get(name) !== socket) return;
    this.#sockets.delete(name);
    const { listening, handle } = socket;
    if (remove && listening.address.kind === 'unix') removeSocket(listening.address.path);
    if (remove || listening.address.kind === 'inet') handle.close();
  }
}

/** The closed handle removes its file too late for a process that ends at once. */
function removeSocket(path: string): void {
  try {
    unlinkSync(socketPath(path));
  } catch {
    // somebody else was faster
  }
}
