// The variables that name inherited sockets: what is wrong in them is said, and they are taken out of the environment.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inheritedValue, takeInherited } from '../../../../src/process/start/inherited.ts';
import { collectReports } from '../reports.ts';

/** What is reported, without what is no socket here. */
function reports(environment: NodeJS.ProcessEnv): readonly string[] {
  const { report, said } = collectReports();
  assert.equal(takeInherited(environment, report).size, 0);
  for (const name of ['NGINX', 'LISTEN_FDS', 'LISTEN_PID']) assert.ok(!(name in environment), name);
  return said.filter((record) => !record.includes('getsockname()'));
}

const TAIL = 'in NGINX environment variable, ignoring';

for (const [value, complaints] of [
  ['', []],
  ['60001;60002;', []],
  ['60001:60002:', []],
  ['60001', [`invalid socket number "60001" ${TAIL}`]],
  ['60001;7', [`invalid socket number "7" ${TAIL}`]],
  ['x;60001;', [`invalid socket number "x" ${TAIL} the rest of the variable`]],
  ['60001;;60002;', [`invalid socket number "" ${TAIL} the rest of the variable`]],
  ['-1;', [`invalid socket number "-1" ${TAIL} the rest of the variable`]],
  ['999999999999;', [`invalid socket number "999999999999" ${TAIL} the rest of the variable`]],
] as const) {
  test(`NGINX=${value}`, () => {
    assert.deepEqual(reports({ NGINX: value, TZ: 'UTC' }), [
      `notice using inherited sockets from "${value}"`,
      ...complaints.map((text) => `emerg ${text}`),
    ]);
  });
}

test('what is no socket is left alone, and said', () => {
  const { report, said } = collectReports();
  takeInherited({ NGINX: '60001;' }, report);
  assert.match(said[1] ?? '', /^crit getsockname\(\) of the inherited socket #60001 failed/);
});

test('the value for another process is read by it as it was meant', () => {
  assert.equal(inheritedValue([3, 4, 15]), '3;4;15;');
  assert.equal(inheritedValue([]), '');
});

test('sockets of systemd are for the process that it names, and nobody else', () => {
  assert.deepEqual(reports({ LISTEN_FDS: '2', LISTEN_PID: String(process.pid + 1) }), []);
  assert.deepEqual(reports({ LISTEN_FDS: '2' }), []);
  for (const count of ['', 'x', '-1', '0']) {
    assert.ok(reports({ LISTEN_FDS: count, LISTEN_PID: String(process.pid) }).length <= 1, count);
  }
});
