// The file of users: the same user is found however its bytes come.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_HASH, UserScanner } from '../../../../src/http/auth-basic/user-scanner.ts';
import { latin1 } from '../../../support/bytes.ts';

/** The hash of the user in a file that comes in these pieces. */
function find(user: string, pieces: readonly Buffer[]): string | undefined {
  const scanner = new UserScanner(latin1(user));
  for (const piece of pieces) {
    const found = scanner.feed(Buffer.from(piece));
    if (found !== undefined) return found.toString('latin1');
  }
  return scanner.end()?.toString('latin1');
}

const FILE = [
  '# comment',
  '#hash:x',
  '',
  '\r',
  ' space:s',
  'anna:first',
  'anna:second',
  'annabel:longer',
  'ann:shorter',
  'comment:c:a comment:more',
  'return:r\r',
  'nohash',
  'nohashcolon',
  'empty:',
  'nul\0inside:n',
  'caf\xe9:l\xe9',
  `${'z'.repeat(5000)}:long name`,
  `longest:${'q'.repeat(MAX_HASH)}`,
  `toolong:${'q'.repeat(MAX_HASH + 1)}`,
  `longcomment:h:${'c'.repeat(5000)}`,
  'after:a',
  'last:l',
].join('\n');

const EXPECTED: readonly (readonly [user: string, hash: string | undefined])[] = [
  ['anna', 'first'],
  ['annabel', 'longer'],
  ['ann', 'shorter'],
  ['an', undefined],
  [' space', 's'],
  ['space', undefined],
  ['#hash', undefined],
  ['# comment', undefined],
  ['comment', 'c'],
  ['return', 'r'],
  ['nohash', undefined],
  ['nohash\nnohashcolon', undefined],
  ['nohashcolon\nempty', undefined],
  ['empty', ''],
  ['nul', undefined],
  ['nul\0inside', 'n'],
  ['caf\xe9', 'l\xe9'],
  ['z'.repeat(5000), 'long name'],
  ['z'.repeat(5001), undefined],
  ['longest', 'q'.repeat(MAX_HASH)],
  ['toolong', ''],
  ['longcomment', 'h'],
  ['after', 'a'],
  ['last', 'l'],
  ['l', undefined],
];

test('whole, and byte by byte', () => {
  const bytes = latin1(FILE);
  const single = Array.from(bytes, (byte) => Buffer.of(byte));
  for (const [user, hash] of EXPECTED) {
    assert.equal(find(user, [bytes]), hash, user.slice(0, 20));
    assert.equal(find(user, single), hash, user.slice(0, 20));
  }
});

test('cut at random points', () => {
  const bytes = latin1(FILE);
  const cuts = fc.array(fc.nat(bytes.length), { maxLength: 20 });
  fc.assert(
    fc.property(fc.constantFrom(...EXPECTED), cuts, ([user, hash], points) => {
      const borders = [0, ...points.sort((a, b) => a - b), bytes.length];
      const pieces = borders.slice(1).map((end, i) => bytes.subarray(borders[i], end));
      return find(user, pieces) === hash;
    }),
  );
});

test('nothing but what is on one line', () => {
  assert.equal(find('a', [latin1('')]), undefined);
  assert.equal(find('a', [latin1('\n\n\n')]), undefined);
  assert.equal(find('a', [latin1('a')]), undefined);
  assert.equal(find('a', [latin1('a\n:x')]), undefined);
  assert.equal(find('a', [latin1('a:')]), '');
  assert.equal(find('a', [latin1('b:a:x\na:y')]), 'y');
});
