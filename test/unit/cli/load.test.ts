// What a worker process begins with: V8 takes its code cache, and keeps compiled code while it is quiet.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Script } from 'node:vm';
import type { Loader } from '../../../src/cli/load.cts';
import { WorkerCode } from '../../../src/process/worker/worker-code.ts';

const loader: Loader = createRequire(import.meta.url)('../../../src/cli/load.cjs');

const program = (word: string): string => `(function (require, module) {
  module.exports = { worker(say = (text) => process.send(text)) { say('${word} ' + process.execArgv.slice(0, -2)); } };
})`;

/** What V8 has made of a program that has run once. */
function cacheOf(text: string): Buffer {
  const script = new Script(text);
  const module: { exports: { worker?(say: (text: string) => void): void } } = { exports: {} };
  const body: (require: undefined, module: object) => void = script.runInThisContext();
  body(undefined, module);
  module.exports.worker?.(() => {});
  return script.createCachedData();
}

test('a worker process takes the code cache, and has the flag that keeps its code', async () => {
  // V8 compares no more of a program than its length: the cache of another one shows that it is the cache that runs.
  const code = { file: '/program.js', text: Buffer.from(program('parsed')), cache: cacheOf(program('cached')) };
  const child = new WorkerCode({ ...code, boot: loader.BOOT }).start([], process.env);
  try {
    const [said]: unknown[] = await once(child, 'message');
    assert.equal(said, 'cached --no-memory-reducer');
  } finally {
    child.kill();
  }
});
