// Address forms and their errors; the tables were made with nginx.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fault } from '../../../src/conf/directive.ts';
import { formatAddress, isWildcard, type ParsedUrl, parseUrl, type UrlOptions } from '../../../src/core/address.ts';

const hosts: Readonly<Record<string, readonly string[]>> = {
  localhost: ['127.0.0.1'],
  two: ['::1', '127.0.0.1', '127.0.0.1'],
  odd: ['fe80::1%eth0', '1.2.3.4'],
};
const resolve = (name: string): readonly string[] => hosts[name] ?? [];
const LISTEN: UrlOptions = { listen: true, defaultPort: 0, resolve };
const URL: UrlOptions = { uri: true, defaultPort: 80, resolve };
const PLAIN: UrlOptions = { defaultPort: 53, resolve };

function show(parsed: ParsedUrl | Fault): string {
  if (parsed instanceof Fault) return parsed.text;
  const uri = parsed.uri === '' ? '' : ` ${parsed.uri}`;
  return parsed.addresses.map(formatAddress).join(' ') + uri;
}

const listen: readonly (readonly [text: string, outcome: string])[] = [
  ['143', '0.0.0.0:143'],
  ['0143', '0.0.0.0:143'],
  ['*:143', '0.0.0.0:143'],
  ['0.0.0.0:143', '0.0.0.0:143'],
  ['*', '0.0.0.0:0'],
  ['1.2.3.4', '1.2.3.4:0'],
  ['[::1]', '[::1]:0'],
  ['[::]:143', '[::]:143'],
  ['[::ABCD:0:0]:143', '[::abcd:0:0]:143'],
  ['localhost:143', '127.0.0.1:143'],
  ['two:143', '[::1]:143 127.0.0.1:143'],
  ['odd:143', '1.2.3.4:143'],
  ['143-145', '0.0.0.0:143 0.0.0.0:144 0.0.0.0:145'],
  ['143-143', '0.0.0.0:143'],
  ['1.2.3.4:1-2', '1.2.3.4:1 1.2.3.4:2'],
  ['[::1]:1-2', '[::1]:1 [::1]:2'],
  ['two:1-2', '[::1]:1 [::1]:2 127.0.0.1:1 127.0.0.1:2'],
  ['unix:/a', 'unix:/a'],
  ['UNIX:a:b', 'unix:a:b'],
  ['1.2.3', '1.2.0.3:0'],
  ['127.1:143', '127.0.0.1:143'],
  ['0x7f.1:143', '127.0.0.1:143'],
  ['0127.0.0.1:143', '127.0.0.1:143'],
  ['0127.1:143', '87.0.0.1:143'],
  ['...:143', '0.0.0.0:143'],
  ['4294967295:1', '255.255.255.255:1'],
  ['0', 'invalid port'],
  ['65536', 'invalid port'],
  ['0-0', 'invalid port'],
  ['22143-65536', 'invalid port'],
  ['145-143', 'invalid port range'],
  ['1.2.3.4:145-143', 'invalid port range'],
  ['1.2.3.4:145-', 'invalid port'],
  ['1.2.3.4:-145', 'invalid port'],
  ['1.2.3.4:+143', 'invalid port'],
  ['1.2.3.4:', 'invalid port'],
  ['1.2.3.4:143 ', 'invalid port'],
  ['1.2.3.4:99999999999999999999', 'invalid port'],
  ['*:', 'invalid port'],
  ['::1', 'invalid port'],
  ['a:b:c', 'invalid port'],
  ['[::1]:', 'invalid port'],
  ['[::1]:0', 'invalid port'],
  ['[::g]:0', 'invalid port'],
  ['[]:0', 'invalid port'],
  [':143', 'no host'],
  ['', 'no host'],
  ['[]', 'no host'],
  ['[]:143', 'no host'],
  ['[::1', 'invalid host'],
  ['[::1]x', 'invalid host'],
  ['[::1]/x', 'invalid host'],
  ['a/b', 'invalid host'],
  ['a?b', 'invalid host'],
  ['1.2.3.4:143/x', 'invalid host'],
  ['/tmp/x', 'invalid host'],
  ['[::g]:1', 'invalid IPv6 address'],
  ['[1.2.3.4]:1', 'invalid IPv6 address'],
  ['143-', 'host not found'],
  ['-143', 'host not found'],
  ['1-2-3', 'host not found'],
  ['143x', 'host not found'],
  ['256.1.1.1:143', 'host not found'],
  ['1.2.3.4.:143', 'host not found'],
  ['9999999999999999999999', 'host not found'],
  ['nosuch:143', 'host not found'],
  ['unix:', 'no path in the unix domain socket'],
  [`unix:/${'a'.repeat(107)}`, 'too long path in the unix domain socket'],
  [`unix:/${'a'.repeat(106)}`, `unix:/${'a'.repeat(106)}`],
];

for (const [text, outcome] of listen) {
  test(`listen ${JSON.stringify(text.slice(0, 40))}`, () => assert.equal(show(parseUrl(text, LISTEN)), outcome));
}

const urls: readonly (readonly [text: string, outcome: string])[] = [
  ['127.0.0.1', '127.0.0.1:80'],
  ['127.0.0.1/x:99', '127.0.0.1:80 /x:99'],
  ['127.0.0.1:9/x?y', '127.0.0.1:9 /x?y'],
  ['127.0.0.1?x=/1:99', '127.0.0.1:80 ?x=/1:99'],
  ['127.0.0.1:80?x', '127.0.0.1:80 ?x'],
  ['8080', '0.0.31.144:80'],
  ['8080/x', '0.0.31.144:80 /x'],
  ['[::1]', '[::1]:80'],
  ['[::1]:9/x', '[::1]:9 /x'],
  ['unix:/a', 'unix:/a'],
  ['unix:/a:/x:y', 'unix:/a /x:y'],
  ['unix:/a:', 'unix:/a'],
  ['/x', 'no host'],
  [':80/x', 'no host'],
  ['[]/x', 'no host'],
  ['127.0.0.1:/x', 'invalid port'],
  ['127.0.0.1:80-81/x', 'invalid port'],
  ['[::1]:80?x', 'invalid port'],
  ['[::1]?x', 'invalid host'],
  ['[::1/x', 'invalid host'],
  ['*:80/', 'host not found'],
  ['https://a', 'invalid port'],
  ['unix::/x', 'no path in the unix domain socket'],
];

for (const [text, outcome] of urls) {
  test(`a URL ${JSON.stringify(text)}`, () => assert.equal(show(parseUrl(text, URL)), outcome));
}

test('without a URI nothing may follow the address', () => {
  assert.equal(show(parseUrl('127.0.0.1', PLAIN)), '127.0.0.1:53');
  assert.equal(show(parseUrl('127.0.0.1/x', PLAIN)), 'invalid host');
  assert.equal(show(parseUrl('53', PLAIN)), '0.0.0.53:53');
});

test('the parts of a URL are kept', () => {
  const parts = (text: string): unknown => {
    const url = parseUrl(text, URL);
    return url instanceof Fault ? url.text : [url.host, url.port, url.noPort];
  };
  assert.deepEqual(parts('localhost/x'), ['localhost', 80, true]);
  assert.deepEqual(parts('[::1]:8080/x'), ['[::1]', 8080, false]);
  assert.deepEqual(parts('unix:/a:/x'), ['', 0, true]);
});

test('literals of any form ask no resolver', () => {
  const asked: string[] = [];
  const ask = (name: string): readonly string[] => {
    asked.push(name);
    return [];
  };
  const options = { ...PLAIN, resolve: ask };
  for (const text of ['127.0.0.1', '127.1', '[::1]', 'unix:/x', '0x7f000001:5']) parseUrl(text, options);
  assert.deepEqual(asked, []);
  parseUrl('name:5', options);
  assert.deepEqual(asked, ['name']);
});

test('wildcards are told apart', () => {
  const wildcard = (text: string): boolean => {
    const url = parseUrl(text, LISTEN);
    return !(url instanceof Fault) && isWildcard(url.addresses[0]);
  };
  assert.deepEqual(['143', '[::]:1', '0:1', '1.2.3.4', '[::1]', 'unix:/x'].map(wildcard), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('any text gives addresses or a fault, and canonical text comes back as it is', () => {
  const text = fc.array(fc.constantFrom(...'[]:/?*-.0123456789abfxunix'), { maxLength: 14 }).map((x) => x.join(''));
  fc.assert(
    fc.property(text, (address) => {
      for (const options of [LISTEN, URL, PLAIN]) {
        const url = parseUrl(address, options);
        if (url instanceof Fault) continue;
        for (const found of url.addresses) {
          if (found.kind === 'inet' && found.port === 0) continue;
          assert.equal(show(parseUrl(formatAddress(found), LISTEN)), formatAddress(found));
        }
      }
    }),
  );
});
