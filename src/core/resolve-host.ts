// Blocking look-up of host names (getaddrinfo): a worker thread asks the system while this thread waits for it.
import type { Worker } from 'node:worker_threads';
import type { ByteString } from '../conf/directive.ts';

interface Question {
  readonly name: string;
  /** Shared memory: whether the answer is there, and its length. */
  readonly header: Int32Array<SharedArrayBuffer>;
  /** Shared memory for the answer: addresses, a line each. */
  readonly answer: Uint8Array<SharedArrayBuffer>;
}

const READY = 0;
const LENGTH = 1;
const HEADER_BYTES = 8;
const ANSWER_BYTES = 64 * 1024;

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
    const answer = new Uint8Array(memory, HEADER_BYTES);
    this.#started().postMessage({ name, header, answer } satisfies Question);
    Atomics.wait(header, READY, 0, PATIENCE_MS);
    const text = Buffer.from(answer.subarray(0, Atomics.load(header, LENGTH))).toString('latin1');
    return text === '' ? [] : text.split('\n');
  }

  /** Reading is synchronous: when the event loop runs again it is over, and the thread with it. */
  #started(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const { Worker } = process.getBuiltinModule('node:worker_threads'); // few configurations have names to look up
    const worker = new Worker(`(${thread.toString()})()`, { eval: true });
    worker.unref();
    worker.on('error', () => {}); // the name has no address then
    setImmediate(() => {
      this.#worker = undefined;
      void worker.terminate();
    });
    this.#worker = worker;
    return worker;
  }
}

/**
 * Runs in the thread, which gets its text: a file of its own may be that of another version by the time of a reload.
 * It can use nothing that is outside of it, and no global by a name that the bundle has for something of its own.
 */
function thread(): void {
  const { parentPort } = globalThis.process.getBuiltinModule('node:worker_threads');
  const { ADDRCONFIG, lookup } = globalThis.process.getBuiltinModule('node:dns');
  parentPort?.on('message', ({ name, header, answer }: Question) => {
    lookup(name, { all: true, verbatim: true, hints: ADDRCONFIG }, (error, addresses) => {
      let text = '';
      for (const { address } of error === null ? addresses : []) {
        const next = text === '' ? address : `${text}\n${address}`;
        if (next.length <= answer.length) text = next;
      }
      answer.set(globalThis.Buffer.from(text, 'latin1'));
      Atomics.store(header, 1, text.length);
      Atomics.store(header, 0, 1);
      Atomics.notify(header, 0);
    });
  });
}
