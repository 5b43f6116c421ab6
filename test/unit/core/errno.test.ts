import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import { test } from 'node:test';
import { getSystemErrorName } from 'node:util';
import { errnoNumber, errnoOf, errnoSuffix, errnoText, systemError } from '../../../src/core/errno.ts';

test('a number has the text of the C library', () => {
  assert.equal(errnoText(111), 'Connection refused');
  assert.equal(errnoSuffix(2), ' (2: No such file or directory)');
  assert.equal(errnoText(9999), 'Unknown error 9999');
});

test('numbers and names of the table are those of this system', () => {
  for (let errno = 1; errno <= 133; errno++) {
    const text = errnoText(errno);
    if (text.startsWith('Unknown')) continue;
    const name = systemError({ errno })?.code ?? '';
    assert.equal(errnoNumber(name), errno);
    const node = getSystemErrorName(-errno);
    if (!node.startsWith('Unknown') && errno !== 95) assert.equal(name, node);
  }
});

test('an error thrown by the file system is read', () => {
  assert.throws(
    () => openSync('/nonexistent/file', 'r'),
    (error) => {
      const fault = { errno: 2, code: 'ENOENT', text: 'No such file or directory', syscall: 'open' };
      assert.deepEqual(systemError(error), fault);
      return true;
    },
  );
});

test('an error that carries only a code is read, as of several attempts to connect', () => {
  const error = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
  assert.deepEqual(systemError(error), {
    errno: 111,
    code: 'ECONNREFUSED',
    text: 'Connection refused',
    syscall: undefined,
  });
});

test('what is not an error of the system gives undefined', () => {
  assert.equal(systemError(undefined), undefined);
  assert.equal(systemError('ECONNREFUSED'), undefined);
  assert.equal(systemError(new Error('ECONNREFUSED')), undefined);
  assert.equal(systemError({ code: 'ERR_SSL_WRONG_VERSION_NUMBER' }), undefined);
  assert.equal(systemError({ code: 'EOF', errno: -4095 }), undefined);
  assert.equal(systemError({ code: 'ENOTFOUND', errno: -3008 }), undefined);
  assert.equal(systemError({ errno: Number.NaN }), undefined);
});

test('a text has its number', () => {
  assert.equal(errnoOf('Operation not permitted'), 1);
  assert.equal(errnoOf('Invalid argument'), 22);
  assert.equal(errnoOf('something else'), undefined);
});
