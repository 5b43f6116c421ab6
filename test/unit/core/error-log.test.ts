// What error_log leaves in its struct; golden cases hold its messages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cursor } from '../../../src/conf/cursor.ts';
import { Parser } from '../../../src/conf/parser.ts';
import { Store } from '../../../src/conf/store.ts';
import { type ErrorLogSpec, errorLogDirective } from '../../../src/core/error-log.ts';
import { Level } from '../../../src/core/log.ts';
import { MemoryEnvironment } from '../../support/memory-environment.ts';

function logs(...lines: string[]): readonly ErrorLogSpec[] {
  const env = new MemoryEnvironment({ hosts: { logger: ['10.0.0.1', '10.0.0.2'] } });
  const cursor = new Cursor(env, new Parser(Buffer.alloc(0), 'f'), 'main', new Store(), () => {});
  const conf: { errorLog: ErrorLogSpec[] | undefined } = { errorLog: undefined };
  for (const line of lines) {
    assert.equal(errorLogDirective(['main']).set(cursor, line.split(' '), conf)?.text, undefined);
  }
  return conf.errorLog ?? [];
}

test('files start at the prefix, and the level is error where none is named', () => {
  assert.deepEqual(logs('logs/a', '/b debug', 'off warn'), [
    { kind: 'file', path: '/p/logs/a', level: Level.error, debugClasses: undefined },
    { kind: 'file', path: '/b', level: Level.debug, debugClasses: undefined },
    { kind: 'file', path: '/p/off', level: Level.warn, debugClasses: undefined },
  ]);
});

test('stderr is a word, an empty name means the same', () => {
  const kinds = logs('stderr', '', 'STDERR').map((log) => log.kind);
  assert.deepEqual(kinds, ['stderr', 'stderr', 'file']);
});

test('debug classes select debug records', () => {
  const [log] = logs('stderr debug_mail debug_core debug_mail');
  assert.equal(log?.level, Level.debug);
  assert.deepEqual([...(log?.debugClasses ?? [])], ['mail', 'core']);
});

test('memory has a size in bytes', () => {
  assert.deepEqual(logs('memory:32k debug'), [
    { kind: 'memory', size: 32768, level: Level.debug, debugClasses: undefined },
  ]);
});

test('syslog has defaults for all but the server', () => {
  const [log] = logs('syslog:server=127.0.0.1');
  assert.ok(log?.kind === 'syslog');
  assert.deepEqual(log.syslog, {
    server: { host: '127.0.0.1', port: 514 },
    facility: 23,
    severity: 6,
    tag: 'nginx',
    nohostname: false,
  });
});

test('syslog takes its parameters in any order, and the first address of a name', () => {
  const [log] = logs('syslog:nohostname,tag=mail_1,severity=crit,facility=mail,server=logger:5140 info');
  assert.ok(log?.kind === 'syslog');
  assert.equal(log.level, Level.info);
  assert.deepEqual(log.syslog, {
    server: { host: '10.0.0.1', port: 5140 },
    facility: 2,
    severity: 2,
    tag: 'mail_1',
    nohostname: true,
  });
});

test('syslog over a unix socket keeps the path as it is', () => {
  const [log] = logs('syslog:server=unix:run/log:x,tag=');
  assert.ok(log?.kind === 'syslog');
  assert.deepEqual(log.syslog.server, { path: 'run/log:x' });
  assert.equal(log.syslog.tag, 'nginx');
});
