// Masks as glob(3) reads them. The table was made with fnmatch(3), flags FNM_PATHNAME and FNM_PERIOD.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileMask, expandMask, isMask } from '../../../src/conf/glob.ts';
import { MemoryEnvironment } from '../../support/memory-environment.ts';

const MATCHES: readonly (readonly [mask: string, name: string, matches: boolean])[] = [
  ['*.conf', 'a.conf', true],
  ['*.conf', '.conf', false],
  ['*.conf', 'a.conf.bak', false],
  ['*', '.hidden', false],
  ['.*', '.hidden', true],
  ['?', 'a', true],
  ['?', '.', false],
  ['?', '', false],
  ['[ab]', 'b', true],
  ['[!ab]', 'b', false],
  ['[^ab]', 'c', true],
  ['[!a]x', '.x', false],
  ['[a-c]', 'b', true],
  ['[c-a]', 'b', false],
  ['[]a]', ']', true],
  ['[!]a]', ']', false],
  ['[a-]', '-', true],
  ['[-a]', '-', true],
  ['[a', '[a', true],
  ['[]', '[]', true],
  ['[a-', '[a-', false],
  ['[[:digit:]]x', '7x', true],
  ['[[:upper:][:digit:]]', 'a', false],
  ['[\\]]', ']', true],
  ['[\\d]', 'd', true],
  ['\\*', '*', true],
  ['\\*', 'a', false],
  ['a\\', 'a\\', false],
  ['(a|b)', '(a|b)', true],
  ['(a|b)', 'a', false],
  ['{a,b}', 'a', false],
  ['"a"', '"a"', true],
  ['!(a)', '!(a)', true],
  ['+(a)', 'aa', false],
  ['**', 'ab', true],
  ['a*b*c', 'axxbyyc', true],
  ['*\xe4', 'x\xe4', true],
  ['a*', 'a\nb', true],
  ['$^.+', '$^.+', true],
];

for (const [mask, name, matches] of MATCHES) {
  test(`${JSON.stringify(mask)} ${matches ? 'matches' : 'passes over'} ${JSON.stringify(name)}`, () =>
    assert.equal(compileMask(mask)(name), matches));
}

const expand = (mask: string, ...files: string[]): string[] =>
  expandMask(mask, new MemoryEnvironment({ files: Object.fromEntries(files.map((file) => [file, ''])) }));

test('only these characters make a mask', () => {
  for (const name of ['a*', 'a?', 'a[']) assert.equal(isMask(name), true);
  for (const name of ['a', '{a,b}', 'a]', '~']) assert.equal(isMask(name), false);
});

test('paths come in the order of their bytes', () => {
  const names = ['b.conf', 'a.conf', 'C.conf', '10.conf', '9.conf'].map((name) => `/d/${name}`);
  assert.deepEqual(expand('/d/*', ...names), ['/d/10.conf', '/d/9.conf', '/d/C.conf', '/d/a.conf', '/d/b.conf']);
});

test('any part of a path may be a mask', () => {
  const files = ['/d/a/mail.conf', '/d/b/mail.conf', '/d/b/web.conf', '/e/a/mail.conf', '/d/mail.conf'];
  assert.deepEqual(expand('/d/*/mail.conf', ...files), ['/d/a/mail.conf', '/d/b/mail.conf']);
  assert.deepEqual(expand('/[de]/?/m*', ...files), ['/d/a/mail.conf', '/d/b/mail.conf', '/e/a/mail.conf']);
  assert.deepEqual(expand('/d/*/nosuch', ...files), []);
  assert.deepEqual(expand('/d/*/../mail.conf', '/d/a/x', '/d/a/../mail.conf'), ['/d/a/../mail.conf']);
});

test('what cannot be listed matches nothing', () => {
  assert.deepEqual(expand('/nosuch/*.conf', '/d/a.conf'), []);
});
