import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VerbTable } from '../../../../src/mail/command/verb-table.ts';

const TABLE = new VerbTable<number>([
  ['NOOP', 1],
  ['LOGIN', 2],
  ['LOGOUT', 3],
  ['AUTHENTICATE', 4],
]);
const find = (word: string): number | undefined => {
  const data = Buffer.from(`.${word}`);
  return TABLE.find(data, 1, data.length);
};

test('a verb table finds whole words in any case', () => {
  assert.deepEqual(['NOOP', 'login', 'LogOut', 'authenticatE'].map(find), [1, 2, 3, 4]);
});

test('a verb table finds no prefixes, no longer words and no others', () => {
  for (const word of [
    '',
    'N',
    'NOO',
    'NOOPS',
    'LOGI',
    'LOGIX',
    'LOGINS',
    'LOGOUX',
    'AUTHENTICATX',
    'QUIT',
    'x'.repeat(5000),
  ]) {
    assert.equal(find(word), undefined, word);
  }
});
