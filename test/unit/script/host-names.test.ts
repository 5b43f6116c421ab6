// Host names and wildcards: which there are, and which of them a host finds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostNames, parseHostPattern } from '../../../src/script/host-names.ts';

test('what is a host name, and what a wildcard', () => {
  const kinds: Readonly<Record<string, string | undefined>> = {
    'a.b': 'exact',
    '': 'exact',
    '.': 'exact',
    '.a.b': 'both',
    '*.a': 'suffix',
    'www.*': 'prefix',
    'a..b': undefined,
    'a\0b': undefined,
    '*': undefined,
    '*a': undefined,
    '*.': undefined,
    'a.*.b': undefined,
    '*.a.*': undefined,
  };
  for (const [text, kind] of Object.entries(kinds)) assert.equal(parseHostPattern(text)?.kind, kind, text);
});

function namesOf(...texts: readonly string[]): HostNames<string> {
  const names = new HostNames<string>();
  for (const text of texts) {
    const pattern = parseHostPattern(text);
    assert.ok(pattern !== undefined && names.add(pattern, text), text);
  }
  return names;
}

test('the name itself, then the longest suffix, then the longest prefix', () => {
  const names = namesOf('a.com', '*.com', '*.b.com', '.c.com', 'www.*', 'www.x.*', 'www.d.com');
  const found: Readonly<Record<string, string | undefined>> = {
    'a.com': 'a.com',
    'q.com': '*.com',
    'x.y.b.com': '*.b.com',
    'b.com': '*.com',
    'c.com': '.c.com',
    'x.c.com': '.c.com',
    'www.d.com': 'www.d.com',
    'www.e.com': '*.com',
    'www.net': 'www.*',
    'www.x.net': 'www.x.*',
    com: undefined,
    '.com': undefined,
    'net.www': undefined,
    '': undefined,
  };
  for (const [host, name] of Object.entries(found)) assert.equal(names.find(host), name, host);
});

test('a name has one value, also as a part of what another stands for', () => {
  const names = namesOf('a.com', '*.b.com', '.c.com', 'www.*');
  for (const text of ['a.com', '*.b.com', '.c.com', '*.c.com', 'c.com', '.a.com', '.b.com', 'www.*']) {
    const pattern = parseHostPattern(text);
    assert.equal(pattern && names.add(pattern, 'other'), false, text);
  }
});
