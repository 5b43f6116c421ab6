// The thread that resolve-host waits for: one getaddrinfo for each message, the answer into shared memory.
import { ADDRCONFIG, lookup } from 'node:dns';
import { parentPort } from 'node:worker_threads';
import { ANSWER_BYTES, HEADER_BYTES, LENGTH, READY } from './resolve-host.ts';

interface Question {
  readonly name: string;
  readonly memory: SharedArrayBuffer;
}

parentPort?.on('message', ({ name, memory }: Question) => {
  lookup(name, { all: true, verbatim: true, hints: ADDRCONFIG }, (error, addresses) => {
    answer(memory, error === null ? addresses.map(({ address }) => address) : []);
  });
});

function answer(memory: SharedArrayBuffer, ips: readonly string[]): void {
  let text = '';
  for (const ip of ips) {
    const next = text === '' ? ip : `${text}\n${ip}`;
    if (next.length <= ANSWER_BYTES) text = next;
  }
  const header = new Int32Array(memory, 0, 2);
  Buffer.from(memory, HEADER_BYTES).write(text, 'latin1');
  Atomics.store(header, LENGTH, text.length);
  Atomics.store(header, READY, 1);
  Atomics.notify(header, READY);
}
