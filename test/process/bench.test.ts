// The benchmark runs to its end, or to Ctrl-C, and leaves neither process nor file behind.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Child } from '../support/children.ts';
import { Cleanup } from '../support/cleanup.ts';
import { leavesNothing, until } from '../support/processes.ts';
import { program } from '../support/programs.ts';
import { ROOT } from '../support/target.ts';
import { temporaryFolder } from '../support/tmp.ts';

const MAIN = join(ROOT, 'dist', 'test', 'bench', 'main.js');
const LIMIT_MS = 120_000;

/** All that it writes and starts is in the folder or has it open. */
function start(t: TestContext, ...args: readonly string[]): { readonly child: Child; readonly folder: string } {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const folder = temporaryFolder(scope, 'bench');
  leavesNothing(scope, folder);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = new Child(process.execPath, [MAIN, '--quick', '--rounds', '1', ...args], {
    env: { ...env, TMPDIR: folder },
  });
  scope.after(async () => {
    await child.stop(['SIGINT'], LIMIT_MS);
  });
  return { child, folder };
}

const withoutCompiler = ['--node-tools'];
const tools: readonly (readonly string[])[] = program('cc') === undefined ? [withoutCompiler] : [[], withoutCompiler];

for (const kind of tools) {
  test(`a run leaves nothing behind but what it has found${kind.map((option) => `, ${option}`).join('')}`, async (t) => {
    const only = ['command', 'start-single', 'bulk-tls-up-1', 'bulk-clear-down-1', 'login-tls-1.3', 'idle-clear-login'];
    const json = join(temporaryFolder(t, 'json'), 'result.json');
    const { child, folder } = start(t, ...kind, ...only.flatMap((name) => ['--only', name]), '--json', json);
    const { code } = await child.exited;
    assert.equal(code, 0, child.stderr);
    assert.match(child.stdout, /^Command and reply +[\d.]+ \S+ CPU /m);
    const result = readFileSync(json, 'utf8');
    // A thousand sessions may cost less than what the warm-up gave back.
    for (const id of only) assert.match(result, new RegExp(`"id": "${id}[^}]*"postern": \\[\\s+-?[\\d.]+[\\s,]`), id);
    assert.deepEqual(readdirSync(folder), []);
  });
}

test('a row that others are judged by can be measured alone', async (t) => {
  const json = join(temporaryFolder(t, 'json'), 'result.json');
  const { child } = start(t, '--only', 'start-node', '--json', json);
  const { code } = await child.exited;
  assert.equal(code, 0, child.stderr);
  assert.match(readFileSync(json, 'utf8'), /"id": "start-node[^}]*"postern": \[\s+[\d.]+[\s,]/);
});

test('Ctrl-C ends it in order', async (t) => {
  const { child, folder } = start(t, '--only', 'login');
  await until(() => readdirSync(folder).some((name) => name.startsWith('postern-postern-')), 'a server', LIMIT_MS);
  child.signal('SIGINT');
  const { code } = await child.exited;
  assert.equal(code, 130, child.stderr);
  assert.match(child.stderr, /^Interrupted\.$/m);
  assert.deepEqual(readdirSync(folder), []);
});
