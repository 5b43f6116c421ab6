// The files in conf that are for a system: the unit and the socket of systemd, and the file of logrotate.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseOptions } from '../../../src/cli/options.ts';
import { run } from '../../support/children.ts';
import { program } from '../../support/programs.ts';
import { ROOT } from '../../support/target.ts';
import { temporaryFolder } from '../../support/tmp.ts';

const COMMAND = '/usr/local/bin/postern';
const PID_FILE = '/run/nginx.pid';

/** No part of what tests need: a machine may go without. */
const absent = (name: string): string | false => (program(name) === undefined ? `${name} is not installed` : false);

const text = (name: string): string => readFileSync(join(ROOT, 'conf', name), 'utf8');

/** The values of a key in a unit, in their order. */
function values(unit: string, key: string): string[] {
  return [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

test('the unit starts, tests and reloads by the same configuration', () => {
  const unit = text('postern.service');
  const commands = ['ExecStartPre', 'ExecStart', 'ExecReload'].flatMap((key) => values(unit, key));
  assert.equal(commands.length, 3);
  for (const command of commands) {
    const [program, ...words] = command.split(' ');
    assert.equal(program, COMMAND);
    const options = parseOptions(words);
    assert.ok(typeof options === 'object', command);
    assert.equal(options.file, '/etc/nginx/nginx.conf');
  }
  assert.deepEqual(values(unit, 'Type'), ['forking']);
  assert.deepEqual(values(unit, 'PIDFile'), [PID_FILE]);
  const [, quit = ''] = /timeout (\d+) /.exec(values(unit, 'ExecStop').join()) ?? [];
  assert.ok(Number(values(unit, 'TimeoutStopSec').join()) > Number(quit), 'systemd waits longer than QUIT may take');
});

test('the pid file of the unit and of logrotate is that of the example', () => {
  assert.match(text('nginx.conf'), new RegExp(`^pid\\s+${PID_FILE};$`, 'm'));
  assert.match(text('logrotate.postern'), new RegExp(`kill -USR1 "\\$\\(cat ${PID_FILE}\\)"`));
});

test('systemd takes the unit and the socket', { skip: absent('systemd-analyze') }, async (t) => {
  const folder = temporaryFolder(t, 'units');
  const paths = ['postern.service', 'postern.socket'].map((name) => {
    const path = join(folder, name);
    writeFileSync(path, text(name).replaceAll(COMMAND, join(ROOT, 'bin/postern.cjs')));
    return path;
  });
  const { code, stdout, stderr } = await run('systemd-analyze', ['verify', ...paths]);
  assert.deepEqual([code, stdout, stderr], [0, '', '']);
});

test('logrotate takes its file', { skip: absent('logrotate') }, async (t) => {
  const folder = temporaryFolder(t, 'logrotate');
  const path = join(folder, 'postern');
  writeFileSync(path, text('logrotate.postern'), { mode: 0o644 });
  const { code, stderr } = await run('logrotate', ['--debug', '--state', join(folder, 'state'), path]);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /^error:/m);
});
