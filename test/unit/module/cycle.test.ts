// A cycle is built in two steps, since -t speaks in between.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfError } from '../../../src/conf/directive.ts';
import { coreModule } from '../../../src/core/core-module.ts';
import { checkWorkerConnections, eventsModule } from '../../../src/core/events-module.ts';
import { buildCycle, type Cycle } from '../../../src/module/cycle.ts';
import { MemoryEnvironment } from '../../support/memory-environment.ts';

const modules = [coreModule, eventsModule];

function build(text: string, globalDirectives = ''): Cycle {
  const env = new MemoryEnvironment({ files: { '/p/c': text } });
  return buildCycle({ modules, env, file: '/p/c', globalDirectives });
}

test('structs are ready after init', () => {
  const cycle = build('worker_processes 2; events { worker_connections 99; }', 'pid x;');
  assert.throws(() => cycle.store.get(coreModule.conf), /no configuration for core/);
  cycle.init();
  assert.equal(cycle.store.get(coreModule.conf).workerProcesses, 2);
  assert.equal(cycle.store.get(coreModule.conf).pid, '/p/x');
  assert.equal(cycle.store.get(eventsModule.conf).workerConnections, 99);
});

test('what is unset has its default', () => {
  const cycle = build('events {}');
  cycle.init();
  assert.deepEqual(cycle.store.get(coreModule.conf), {
    daemon: true,
    masterProcess: true,
    configWatch: false,
    transport: 'auto',
    workerProcesses: 1,
    workerPriority: 0,
    rlimitNofile: undefined,
    rlimitCore: undefined,
    affinity: undefined,
    workerShutdownTimeout: 0,
    workingDirectory: undefined,
    user: undefined,
    pid: undefined,
    env: [],
    errorLog: [],
  });
  assert.deepEqual(cycle.store.get(eventsModule.conf), {
    workerConnections: 512,
    acceptMutexDelay: 500,
    debugConnection: undefined,
  });
});

test('a missing events block is found by init, not by the reading', () => {
  const cycle = build('daemon off;');
  assert.throws(
    () => cycle.init(),
    (error) => error instanceof ConfError && error.record === 'no "events" section in configuration',
  );
});

test('two cycles share nothing', () => {
  const [first, second] = [
    build('env A; thread_pool p threads=1; events {}'),
    build('thread_pool p threads=1; events {}'),
  ];
  first.init();
  second.init();
  assert.deepEqual(first.store.get(coreModule.conf).env, ['A']);
  assert.deepEqual(second.store.get(coreModule.conf).env, []);
});

test('directives without effect are listed with their reasons', () => {
  const { noEffect } = build('pcre_jit on; timer_resolution 1; daemon off; events { multi_accept on; }');
  assert.deepEqual([...noEffect.keys()], ['pcre_jit', 'timer_resolution', 'multi_accept']);
});

test('listening sockets and one more need connections', () => {
  const cycle = build('events { worker_connections 2; }');
  cycle.init();
  const conf = cycle.store.get(eventsModule.conf);
  checkWorkerConnections(conf, 1);
  assert.throws(
    () => checkWorkerConnections(conf, 2),
    /^Error: 2 worker_connections are not enough for 2 listening sockets$/,
  );
});
