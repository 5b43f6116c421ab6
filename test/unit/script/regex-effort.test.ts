// Which regular expressions a text can be made for that takes very long, and that such a search ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../../src/conf/directive.ts';
import { Level } from '../../../src/core/log.ts';
import { MatchFault } from '../../../src/script/match-fault.ts';
import { cheapLength } from '../../../src/script/pcre/effort.ts';
import { parsePattern } from '../../../src/script/pcre/pattern-parser.ts';
import { compileRegex } from '../../../src/script/regex.ts';
import type { Subject } from '../../../src/script/subject.ts';
import { Variables } from '../../../src/script/variables.ts';

const cheap = (source: string): number => cheapLength(parsePattern(source, false).node);

const ALWAYS = [
  '\\.php$',
  '^/static/',
  '^/a[0-9]{3}$',
  '(?:png|jpe?g|gif|css|js)$',
  '^(a|b|)x?$',
  '^.*$',
  '^/([^/]+)/$',
];
/** At least so many bytes. */
const LONG: readonly (readonly [source: string, length: number])[] = [
  ['^(.+\\.php)(/.+)$', 1000],
  ['[a-z]+\\.html$', 1000],
  ['^/(.*)/(.*)/(.*)$', 100],
  ['^(?<user>[^@]+)@(?<domain>.+)$', 1000],
];
/** At most so many. */
const SHORT: readonly (readonly [source: string, length: number])[] = [
  ['^(a+)+$', 24],
  ['(a|aa)*b', 24],
  ['^(a?){40}$', 24],
  ['((a*)*)*', 24],
  ['(?:x+x+)+y', 24],
  ['(.*)(.*)(.*)(.*)x', 64],
  ['^(a*)\\1\\1\\1\\1$', 64],
];

for (const source of ALWAYS) {
  test(`${source} is cheap for texts of any length that clients can send`, () => {
    assert.ok(cheap(source) >= 60_000);
  });
}

for (const [source, length] of LONG) {
  test(`${source} is cheap up to ${length} bytes, and not for ever`, () => {
    assert.ok(cheap(source) >= length && cheap(source) < 1_000_000, String(cheap(source)));
  });
}

for (const [source, length] of SHORT) {
  test(`${source} is watched from ${length} bytes on`, () => {
    assert.ok(cheap(source) <= length, String(cheap(source)));
  });
}

test('what is watched matches as it would otherwise, and ends where it takes too long', () => {
  const regex = compileRegex('^(a+)+(b)?$', { ignoreCase: false, variables: new Variables<Subject>() });
  assert.ok(!(regex instanceof Fault));
  const good = `${'a'.repeat(1000)}b`;
  for (let i = 0; i < 3; i++) assert.deepEqual(regex.exec(good), [good, 'a'.repeat(1000), 'b']);
  assert.equal(regex.exec(`c${good}`), undefined);
  const evil = `${'a'.repeat(60)}c`;
  assert.throws(
    () => regex.exec(evil),
    (error) => {
      assert.ok(error instanceof MatchFault);
      assert.equal(error.level, Level.alert);
      assert.equal(error.message, `pcre2_match() failed: -47 on "${evil}" using "^(a+)+(b)?$"`);
      return true;
    },
  );
  assert.deepEqual(regex.exec(good), [good, 'a'.repeat(1000), 'b']);
});
