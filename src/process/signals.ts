// Signals from the first moment of the process on: one that only asks for something waits until somebody serves.

import { constants } from 'node:os';

const SIGNALS = [
  'SIGTERM',
  'SIGINT',
  'SIGQUIT',
  'SIGUSR1',
  'SIGHUP',
  'SIGUSR2',
  'SIGWINCH',
  'SIGALRM',
  'SIGIO',
] as const;
/** They end a process that does not serve yet, as they would without us. */
const ENDING: ReadonlySet<string> = new Set(['SIGTERM', 'SIGINT', 'SIGQUIT']);
export type ProcessSignal = (typeof SIGNALS)[number];

export class Signals {
  #waiting: ProcessSignal[] = [];
  #serve: ((signal: ProcessSignal) => void) | undefined;

  /** Without a handler of ours Node.js opens its inspector's port on USR1. */
  constructor() {
    for (const signal of SIGNALS) process.on(signal, () => this.#receive(signal));
    process.on('SIGSYS', () => {}); // means nothing, and would end the process
  }

  /** Hands over what came so far, and everything from now on. */
  serve(handler: (signal: ProcessSignal) => void): void {
    this.#serve = handler;
    for (const signal of this.#waiting.splice(0)) handler(signal);
  }

  #receive(signal: ProcessSignal): void {
    if (this.#serve !== undefined) this.#serve(signal);
    else if (ENDING.has(signal)) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
      // In a container the first process cannot end itself so.
      if (process.pid === 1) process.exit(128 + constants.signals[signal]);
    } else if (this.#waiting.length < SIGNALS.length) this.#waiting.push(signal);
  }
}
