// Blocking look-up of host names (getaddrinfo): a worker thread asks the system while this thread waits for it.
import { Worker } from 'node:worker_threads';
import type { ByteString } from '../conf/directive.ts';

/** Layout of the shared memory: one int32 that says whether the answer is there, its length, then its bytes. */
export const READY = 0;
export const LENGTH = 1;
export const HEADER_BYTES = 8;
export const ANSWER_BYTES = 64 * 1024;

/** The system's own resolver gives up long before. */
const PATIENCE_MS = 120_000;

/** What a name server can be asked for; anything else has no address. */
const ASKABLE = /^[\x21-\x7e]{1,255}$/;

/** Looks names up for one reading of the configuration; each name once. */
export class HostLookup {
  readonly #known = new Map<ByteString, readonly string[]>();
  #worker: Worker | undefined;

  /** IP addresses in the system's order; empty where there are none. Blocks. */
  resolve(name: ByteString): readonly string[] {
    let ips = this.#known.get(name);
    if (ips === undefined) {
      ips = ASKABLE.test(name) ? this.#ask(name) : [];
      this.#known.set(name, ips);
    }
    return ips;
  }

  #ask(name: string): readonly string[] {
    const memory = new SharedArrayBuffer(HEADER_BYTES + ANSWER_BYTES);
    const header = new Int32Array(memory, 0, 2);
    this.#started().postMessage({ name, memory });
    Atomics.wait(header, READY, 0, PATIENCE_MS);
    const answer = Buffer.from(memory, HEADER_BYTES, Atomics.load(header, LENGTH)).toString('latin1');
    return answer === '' ? [] : answer.split('\n');
  }

  /** Reading is synchronous: when the event loop runs again it is over, and the thread with it. */
  #started(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(new URL('./resolve-host-worker.js', import.meta.url));
    worker.on('error', () => {}); // it answers nothing then
    worker.unref();
    setImmediate(() => {
      this.#worker = undefined;
      void worker.terminate();
    });
    this.#worker = worker;
    return worker;
  }
}
