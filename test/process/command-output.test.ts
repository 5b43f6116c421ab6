// The command where its output has no reader, and where nothing is to be read.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { event } from '../support/in-time.ts';
import { ROOT } from '../support/target.ts';
import { temporaryFolder } from '../support/tmp.ts';

/** A prefix with a configuration that takes more than a pipe holds. */
function prefix(t: TestContext): string {
  const dir = temporaryFolder(t);
  for (const name of ['conf', 'logs']) mkdirSync(join(dir, name));
  writeFileSync(join(dir, 'conf', 'nginx.conf'), `events {}\n${'# nothing to see here\n'.repeat(10_000)}`);
  return dir;
}

interface Ran {
  readonly code: number | null;
  readonly stderr: string;
}

/** Runs the command with one of its outputs closed. */
async function runWithout(output: 'stdout' | 'stderr', ...args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'postern.cjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('latin1');
  });
  child[output].destroy();
  if (output === 'stderr') child.stdout.resume();
  const [code] = await event(child, 'close');
  return { code, stderr };
}

test('a reader of the dump that has gone is no fault of ours', async (t) => {
  const { code, stderr } = await runWithout('stdout', '-p', prefix(t), '-T');
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^nginx: the configuration file \S+ syntax is ok\nnginx: configuration file \S+ test is successful\n$/,
  );
});

test('the test of a configuration gives its verdict even where nobody reads the words', async (t) => {
  const dir = prefix(t);
  assert.equal((await runWithout('stderr', '-p', dir, '-t')).code, 0);
  assert.equal((await runWithout('stderr', '-p', dir, '-t', '-c', 'conf/other.conf')).code, 1);
});
