// The Host of a request: what nginx takes for a name, and what it refuses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostOf } from '../../../src/http/request/host.ts';

test('names, without port and final dot, in lower case', () => {
  for (const [text, host] of [
    ['a.test', 'a.test'],
    ['A.TEST.', 'a.test'],
    ['a.test:80', 'a.test'],
    ['a:x', 'a'],
    ['a:80:90', 'a'],
    ['127.0.0.1:8080', '127.0.0.1'],
    ['[::1]:80', '[::1]'],
    ['[::1', '[::1'],
    ['[::1]x', '[::1]'],
    ['a_b', 'a_b'],
    ['\xc4', '\xc4'],
  ] as const) {
    assert.equal(hostOf(text), host, text);
  }
});

test('what is none', () => {
  for (const text of ['', '.', ':80', 'a..b', 'a/b', 'a b', 'a\tb', 'a\0', '\x7f']) {
    assert.equal(hostOf(text), undefined, JSON.stringify(text));
  }
});
