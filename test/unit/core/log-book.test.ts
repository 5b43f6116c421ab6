// The logs of a configuration: shared files, and syslog sockets that end with them.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ErrorLogSpec } from '../../../src/core/error-log.ts';
import { Level } from '../../../src/core/log.ts';
import { defaultErrorLog, LogBook } from '../../../src/core/log-book.ts';
import { LogFiles } from '../../../src/core/log-files.ts';
import { event } from '../../support/in-time.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const file = (path: string, level: Level = Level.info): ErrorLogSpec => ({
  kind: 'file',
  path,
  level,
  debugClasses: undefined,
});

const texts = (path: string): string[] =>
  readFileSync(path, 'latin1')
    .split('\n')
    .slice(0, -1)
    .map((line) => line.replace(/^.*#0: /, ''));

test('logs that name the same file share it, each with its own level', (t) => {
  const path = join(temporaryFolder(t), 'log');
  const files = new LogFiles();
  const book = new LogBook(files, assert.fail);
  const [main, server] = [book.open([file(path, Level.error)]), book.open([file(path, Level.info)])];
  assert.equal(files.openAll(), undefined);
  main.write(Level.info, 'a');
  server.write(Level.info, 'b');
  main.write(Level.error, 'c');
  files.closeAll();
  assert.deepEqual(texts(path), ['b', 'c']);
});

test('several destinations of one level each get the record; a log in memory keeps it to itself', (t) => {
  const folder = temporaryFolder(t);
  const files = new LogFiles();
  const memory: ErrorLogSpec = { kind: 'memory', size: 10_000, level: Level.debug, debugClasses: undefined };
  const log = new LogBook(files, assert.fail).open([file(join(folder, 'a')), memory, file(join(folder, 'b'))]);
  assert.equal(log.level, Level.debug);
  files.openAll();
  log.write(Level.info, 'x');
  files.closeAll();
  assert.deepEqual([texts(join(folder, 'a')), texts(join(folder, 'b'))], [['x'], ['x']]);
});

test('records go to syslog until the book is closed, and never where syslog must not have them', async (t) => {
  const server = createSocket('udp4');
  server.bind(0, '127.0.0.1');
  t.after(() => server.close());
  await event(server, 'listening');
  const syslog: ErrorLogSpec = {
    kind: 'syslog',
    level: Level.info,
    debugClasses: undefined,
    syslog: {
      server: { host: '127.0.0.1', port: server.address().port },
      facility: 23,
      severity: 6,
      tag: 'nginx',
      nohostname: true,
    },
  };
  const path = join(temporaryFolder(t), 'log');
  const files = new LogFiles();
  const book = new LogBook(files, assert.fail);
  const log = book.open([syslog, file(path)]);
  const local = book.openFiles([syslog, file(path)]);
  files.openAll();
  local.write(Level.info, 'for files only');
  const arrived = event(server, 'message');
  log.write(Level.info, 'for both');
  const [message] = await arrived;
  assert.match(String(message), /^<190>.* nginx: .*#0: for both$/);
  book.close();
  log.write(Level.info, 'too late for syslog');
  files.closeAll();
  assert.deepEqual(texts(path), ['for files only', 'for both', 'too late for syslog']);
});

test('what stands in for a missing error_log', () => {
  const level = { level: Level.error, debugClasses: undefined };
  assert.deepEqual(defaultErrorLog('/x/error.log'), { kind: 'file', path: '/x/error.log', ...level });
  assert.deepEqual(defaultErrorLog('stderr'), { kind: 'stderr', ...level });
  assert.deepEqual(defaultErrorLog(''), { kind: 'stderr', ...level });
});
