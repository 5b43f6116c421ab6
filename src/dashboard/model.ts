// What the page knows: what came over the connection, put together. It draws nothing.
import type { Filter, Hello, Now, Sample, SessionsPage, ToPage, Watch } from '../http/dashboard/messages.ts';
import { append, mergeHistory } from './history.ts';
import { TailLog } from './tail.ts';
import { TimesMemory } from './times.ts';

/** What has changed since it was drawn last. */
export type Change = 'hello' | 'now' | 'sessions' | 'tail';

/** So many intervals without a message, and what is shown is old. */
const STALE_AFTER = 3;

export class Model {
  readonly history: Sample[] = [];
  readonly times = new TimesMemory();
  readonly tail = new TailLog();
  #hello: Omit<Hello, 'history'> | undefined;
  #now: Now | undefined;
  #page: SessionsPage | undefined;
  #firstVersion: string | undefined;
  #question = 0;
  /** By this machine's clock. */
  #heardMs = 0;
  #nowHeardMs = 0;

  get hello(): Omit<Hello, 'history'> | undefined {
    return this.#hello;
  }

  get now(): Now | undefined {
    return this.#now;
  }

  get page(): SessionsPage | undefined {
    return this.#page;
  }

  /** The server has become another one than this page came with. */
  get isOutdated(): boolean {
    return this.#hello !== undefined && this.#hello.version !== this.#firstVersion;
  }

  /** A question whose answer takes the place of what is shown; answers to those before it no longer do. */
  ask(filter: Filter, limit: number, after: string | undefined, tail: boolean): Watch {
    this.#question++;
    return { kind: 'watch', question: this.#question, filter, limit, after, tail };
  }

  /** @param localMs of any clock of this machine that does not jump */
  receive(message: ToPage, localMs: number): Change | undefined {
    this.#heardMs = localMs;
    switch (message.kind) {
      case 'hello': {
        const { history, ...hello } = message;
        this.#hello = hello;
        this.#firstVersion ??= hello.version;
        const last = Math.max(history.at(-1)?.atMs ?? 0, this.history.at(-1)?.atMs ?? 0);
        this.history.splice(0, this.history.length, ...mergeHistory(this.history, history, last));
        return 'hello';
      }
      case 'now':
        this.#now = message;
        this.#nowHeardMs = localMs;
        append(this.history, message);
        this.times.take(message);
        return 'now';
      case 'sessions':
        if (message.question !== this.#question) return undefined;
        this.#page = message;
        return 'sessions';
      case 'events':
        this.tail.take(message);
        return 'tail';
      default:
        // Of a later version.
        return undefined;
    }
  }

  /** The server's clock, as far as it is known. */
  serverMs(localMs: number): number {
    return this.#now === undefined ? 0 : this.#now.atMs + (localMs - this.#nowHeardMs);
  }

  silentMs(localMs: number): number {
    return localMs - this.#heardMs;
  }

  isStale(localMs: number): boolean {
    return this.silentMs(localMs) > STALE_AFTER * (this.#hello?.intervalMs ?? 1000);
  }
}
