// The worker process that is started before the configuration is read: where it is not wanted nothing is left of it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { processTree } from '../long/usage.ts';
import { Child } from '../support/children.ts';
import { Cleanup, type Scope } from '../support/cleanup.ts';
import { until } from '../support/processes.ts';
import { postern } from '../support/target.ts';
import { temporaryFolder } from '../support/tmp.ts';

/** The command with a configuration from which it seems that there will be workers. */
function start(scope: Scope, configuration: string): Child {
  const dir = temporaryFolder(scope);
  writeFileSync(join(dir, 'nginx.conf'), `daemon off; error_log stderr notice; pid nginx.pid; ${configuration}`);
  writeFileSync(join(dir, 'alone.conf'), 'master_process off;');
  return new Child(postern.command, [...postern.args, '-p', `${dir}/`, '-c', 'nginx.conf', '-e', 'stderr']);
}

/** Waits until the server serves, and is one process. */
async function servesAlone(scope: Cleanup, configuration: string): Promise<void> {
  const child = start(scope, configuration);
  scope.after(async () => {
    await child.stop(['SIGTERM']);
  });
  await child.until(() => child.stderr.includes('OS: '));
  await until(() => processTree(child.pid).length === 1, 'the end of the other process');
}

describe('a worker that was started before the configuration was read', { concurrency: 3 }, () => {
  for (const mistake of ['nonsense;', 'events {} mail { server { listen 127.0.0.1:1; } }', '"']) {
    test(`ends with a command that does not like the configuration: ${mistake}`, async (t) => {
      // Its output ends only when all have ended that write to it.
      assert.equal((await start(t, mistake).ends()).code, 1);
    });
  }

  test('ends where there is no master', async (t) => {
    const scope = new Cleanup();
    t.after(() => scope.run());
    await servesAlone(scope, 'include alone.conf; events {}');
  });

  test('ends where there are to be no workers', async (t) => {
    const scope = new Cleanup();
    t.after(() => scope.run());
    await servesAlone(scope, 'worker_processes 0; events {}');
  });
});
