// The user directive: accounts come from passwd and group, and only root may ask for one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cursor } from '../../../src/conf/cursor.ts';
import { Parser } from '../../../src/conf/parser.ts';
import { Store } from '../../../src/conf/store.ts';
import { type HasUser, userDirective } from '../../../src/core/accounts.ts';
import { MemoryEnvironment } from '../../support/memory-environment.ts';

const files = {
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nmail:x:8:12:mail:/var/mail:/bin/false\nodd:x:minus:1:::\n+::::::\n',
  '/etc/group': 'root:x:0:\nmail:x:12:a,b\nodd:x:3:\n',
};

function run(superUser: boolean, ...lines: string[]): { conf: HasUser; outcomes: string[] } {
  const env = new MemoryEnvironment({ files });
  const cursor = new Cursor(env, new Parser(Buffer.alloc(0), 'f'), 'main', new Store(), () => {});
  const conf: HasUser = { user: undefined };
  const directive = userDirective(() => superUser);
  const faults = lines.map((line) => directive.set(cursor, line.split(' '), conf)?.text ?? 'ok');
  return { conf, outcomes: [...env.records, ...faults] };
}

test('the group has the name of the user where it is left out', () => {
  assert.deepEqual(run(true, 'mail').conf.user, { name: 'mail', uid: 8, gid: 12 });
  assert.deepEqual(run(true, 'mail root').conf.user, { name: 'mail', uid: 8, gid: 0 });
});

test('unknown names are refused', () => {
  assert.deepEqual(run(true, 'nosuch', '', '+', 'odd', '8', 'mail nosuch', 'root mai').outcomes, [
    'getpwnam("nosuch") failed',
    'getpwnam("") failed',
    'getpwnam("+") failed',
    'getpwnam("odd") failed',
    'getpwnam("8") failed',
    'getgrnam("nosuch") failed',
    'getgrnam("mai") failed',
  ]);
});

test('a second user is a duplicate', () => {
  assert.deepEqual(run(true, 'mail', 'root').outcomes, ['ok', 'is duplicate']);
});

test('without root the directive is passed over with a warning', () => {
  const { conf, outcomes } = run(false, 'nosuch');
  assert.equal(conf.user, undefined);
  assert.deepEqual(outcomes, [
    '[warn] the "user" directive makes sense only if the master process runs with super-user privileges, ignored in f:1',
    'ok',
  ]);
});
