// The master itself, without workers: what nobody expected does not end it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DiskEnvironment } from '../../../../src/core/disk-environment.ts';
import { buildCycle } from '../../../../src/module/cycle.ts';
import { modules } from '../../../../src/modules.ts';
import { Generation } from '../../../../src/process/master/generation.ts';
import { ListenerTable } from '../../../../src/process/master/listener-table.ts';
import { Master } from '../../../../src/process/master/master.ts';
import { Signals } from '../../../../src/process/signals.ts';
import { WorkerCode } from '../../../../src/process/worker/worker-code.ts';
import { LogFile } from '../../../support/log-file.ts';
import { temporaryFolder } from '../../../support/tmp.ts';

test('whatever is thrown while a configuration is read, the one in force stays', async (t) => {
  const prefix = `${temporaryFolder(t)}/`;
  const file = `${prefix}nginx.conf`;
  writeFileSync(file, 'worker_processes 0; pid nginx.pid; error_log error.log notice; events {}');
  const env = new DiskEnvironment({ prefix, confPrefix: prefix, report: () => {} });
  const cycle = buildCycle({ modules, env, file });
  cycle.init();
  const defaults = {
    errorLog: 'stderr',
    pid: '',
    bodyFolder: '',
    user: undefined,
    version: '0.0.0',
    handleFault: undefined,
  };
  const generation = new Generation({ cycle, env, globalDirectives: '' }, defaults, () => {});
  assert.equal(generation.logs.open(), undefined);
  const signals = new Signals();
  const master = new Master(generation, {
    code: new WorkerCode({ file, text: Buffer.alloc(0), cache: undefined, boot: ['-e', ''] }),
    spare: undefined,
    signals,
    listeners: new ListenerTable(),
    beside: undefined,
    isDaemon: false,
    onAlone: () => {},
    read: () => {
      throw new TypeError('no thread');
    },
  });
  const log = new LogFile(join(prefix, 'error.log'));
  await new Promise<number>((resolve, reject) => {
    const run = master.run(() => {
      master.requestReload('as if a file had changed');
      log
        .wait(/\[emerg\] .*: reading the configuration failed: TypeError: no thread\n/)
        .then(() => process.emit('SIGQUIT', 'SIGQUIT'))
        .catch(reject);
    });
    run.then(resolve, reject);
  });
  assert.match(log.text(), /: exit\n$/);
  for (const name of ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGHUP', 'SIGUSR2', 'SIGWINCH']) {
    process.removeAllListeners(name);
  }
});
