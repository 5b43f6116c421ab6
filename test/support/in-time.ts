// Waits of the tests: each has a deadline, and says what it waited for when that passes.
import { type EventEmitter, once } from 'node:events';
import type { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';

/** Tests run side by side, on machines that may be busy: only a test that fails waits so long. In milliseconds. */
export const PATIENCE_MS = 20_000;

// Not those that a test may have put in their place.
const { setTimeout, clearTimeout } = globalThis;

/** What the promise gives. @throws where it does not settle in time */
export async function inTime<T>(promise: Promise<T>, what: string, ms = PATIENCE_MS): Promise<T> {
  const late = new Error(`waited ${ms} ms for ${what}`);
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late), ms);
  });
  try {
    return await Promise.race([promise, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** As `once`: the arguments of the next event of this name, or the error that comes before. */
export const event = (emitter: EventEmitter, name: string, what = `the event "${name}"`) =>
  inTime(once(emitter, name), what);

/** Resolves when the stream is closed, which it may be already, for whatever reason. */
export async function closed(stream: Readable): Promise<void> {
  if (stream.closed) return;
  await inTime(new Promise((resolve) => stream.once('close', resolve)), 'the close of a stream');
}

/** Looks at every turn of the event loop until the condition holds; its own text says what it waits for. */
export async function turnsUntil(condition: () => boolean, what = String(condition)): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited ${PATIENCE_MS} ms for ${what}`);
    await turn();
  }
}

/** Tells those who wait that something may be as they want it now. */
export class Changes {
  readonly #waiting = new Set<() => void>();

  tell(): void {
    for (const check of this.#waiting) check();
  }

  /** What `look` finds, now or after a change. @throws where that takes too long */
  async until<T>(look: () => T | false | undefined, what: string, ms?: number): Promise<T> {
    let check: () => void = () => {};
    const found = new Promise<T>((resolve) => {
      check = () => {
        const value = look();
        if (value === undefined || value === false) return;
        this.#waiting.delete(check);
        resolve(value);
      };
      this.#waiting.add(check);
      check();
    });
    try {
      return await inTime(found, what, ms);
    } finally {
      this.#waiting.delete(check);
    }
  }
}
