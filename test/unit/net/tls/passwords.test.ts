// The file of ssl_password_file.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConfCursor, Fault } from '../../../../src/conf/directive.ts';
import { Store } from '../../../../src/conf/store.ts';
import { readPasswords } from '../../../../src/net/tls/passwords.ts';
import { MemoryEnvironment } from '../../../support/memory-environment.ts';

function read(text: string, name = 'pass'): readonly string[] | string {
  const env = new MemoryEnvironment({ files: { '/p/pass': text } });
  const cf: ConfCursor = {
    env,
    context: 'mail',
    store: new Store(),
    position: { file: '/p/nginx.conf', line: 1 },
    warn: assert.fail,
    noEffect: assert.fail,
    entries: () => assert.fail(),
    block: assert.fail,
    confPath: (path) => `/p/${path}`,
    prefixPath: assert.fail,
  };
  const lines = readPasswords(cf, name);
  return lines instanceof Fault ? lines.text : lines.map((line) => line.toString('latin1'));
}

test('a pass phrase a line, with any bytes but those of a line end', () => {
  assert.deepEqual(read('one\n two \r\nthr\ree\n\xff\n'), ['one', ' two ', 'thr\ree', '\xff']);
});

test('the last line needs no line end', () => {
  assert.deepEqual(read('one\ntwo'), ['one', 'two']);
  assert.deepEqual(read('one\r'), ['one']);
});

test('empty lines do not count', () => {
  assert.deepEqual(read('\n\r\none\n\n'), ['one']);
  assert.deepEqual(read(''), []);
});

test('a line of 4096 bytes is too long, wherever it stands', () => {
  assert.deepEqual(read(`${'x'.repeat(4095)}\n`), ['x'.repeat(4095)]);
  assert.equal(read(`one\n${'x'.repeat(4096)}\n`), 'too long line in "/p/pass"');
  assert.equal(read('x'.repeat(4096)), 'too long line in "/p/pass"');
});

test('a file that is not there', () => {
  assert.equal(read('', 'other'), 'open() "/p/other" failed (2: No such file or directory)');
});
