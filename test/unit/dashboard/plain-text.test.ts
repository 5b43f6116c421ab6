// Text of strangers: everything can be seen, and nothing reaches beyond its place.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cutText, plainText, words } from '../../../src/dashboard/plain-text.ts';

test('what has no shape is shown by its number', () => {
  assert.equal(plainText('a\u0000b\u001b[31m'), 'a‹00›b‹1B›[31m');
  assert.equal(plainText('\u202egnp.exe\u2066'), '‹202E›gnp.exe‹2066›');
  assert.equal(plainText('an\u200dna\ufeff\u{e0041}'), 'an‹200D›na‹FEFF›‹E0041›');
  assert.equal(plainText('two\u2028lines'), 'two‹2028›lines');
});

test('letters of all languages stay, and marks that heap up do not', () => {
  assert.equal(plainText('Zoë مثال 例え é'), 'Zoë مثال 例え é');
  assert.equal(plainText(`a${'\u0301'.repeat(50)}b`), `a${'\u0301'.repeat(3)}…b`);
});

test('markup is text as any other', () => {
  assert.equal(plainText('<img src=x onerror=alert(1)>'), '<img src=x onerror=alert(1)>');
});

test('what was cut says so', () => {
  assert.deepEqual([cutText('anna', true), cutText('anna', false)], ['anna…', 'anna']);
  assert.equal(words('client_lost'), 'client lost');
});

test('nothing that steers text comes through, whatever is given', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.doesNotMatch(plainText(text), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});
