// The Authorization line of basic authentication: what nginx takes for user and password.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basicUser, readCredentials } from '../../../../src/http/auth-basic/credentials.ts';
import { base64 } from '../../../support/bytes.ts';

/** `user|password`, or undefined. */
function read(line: string | undefined): string | undefined {
  const found = readCredentials(line);
  return found && `${found.user.toString('latin1')}|${found.password.toString('latin1')}`;
}

test('how the line may look', () => {
  for (const line of [
    'Basic YTp4',
    'basic YTp4',
    'BASIC   YTp4',
    'Basic YTp4=',
    'Basic YTp4==',
    'Basic YTp4=junk',
    'Basic YTp4= \x80',
  ]) {
    assert.equal(read(line), 'a|x', line);
  }
  assert.equal(read('Basic YTp'), 'a|');
  assert.equal(read('Basic YTp4+/'), 'a|x\xfb');
});

test('lines without credentials', () => {
  for (const line of [
    undefined,
    '',
    'Basic',
    'Basic ',
    'BasicYTp4',
    'Basic\tYTp4',
    'Digest YTp4',
    'Basic YTp4 junk',
    'Basic YTp4!',
    'Basic YTp4Y',
    'Basic Y',
    'Basic YTp4-_',
    'Basic ,YTp4',
    'Basic YTp4, Basic YTp4',
    'Basic =YTp4',
    'Basic YT\np4',
    ' Basic YTp4',
  ]) {
    assert.equal(read(line), undefined, line);
  }
});

test('what may stand in them', () => {
  for (const [text, expected] of [
    ['a:', 'a|'],
    ['a:b:c', 'a|b:c'],
    ['\xc3\xa9:\xe9', '\xc3\xa9|\xe9'],
    ['a\0b:x', 'a\0b|x'],
    ['a:x\0y', 'a|x'],
    ['a:\0', 'a|'],
    ['a\n:x\r', 'a\n|x\r'],
    [':x', undefined],
    [':', undefined],
    ['a', undefined],
  ] as const) {
    assert.equal(read(`Basic ${base64(text)}`), expected, JSON.stringify(text));
  }
});

test('large ones', () => {
  const password = 'p'.repeat(60_000);
  assert.equal(read(`Basic ${base64(`a:${password}`)}`), `a|${password}`);
  assert.equal(read(`Basic ${'='.repeat(60_000)}`), undefined);
  assert.equal(read(`Basic${' '.repeat(60_000)}!`), undefined);
});

test('they can be forgotten', () => {
  const found = readCredentials(`Basic ${base64('user:secret')}`);
  found?.forget();
  assert.deepEqual([found?.user, found?.password], [Buffer.alloc(4), Buffer.alloc(6)]);
});

test('the user alone', () => {
  assert.equal(basicUser(`Basic ${base64('anna:x')}`), 'anna');
  assert.equal(basicUser('Bearer anna'), undefined);
  assert.equal(basicUser(undefined), undefined);
});
