// The resolver directive. The golden cases hold its messages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfError } from '../../../src/conf/directive.ts';
import { coreModule, type MailCoreConf } from '../../../src/mail/core-module.ts';
import { serverStores } from '../mail/doubles.ts';

const HOSTS = { 'dns.test': ['192.0.2.53', '2001:db8::53'] };

function cores(text: string): readonly MailCoreConf[] {
  return serverStores(`auth_http 127.0.0.1:9; ${text}`, { hosts: HOSTS }).map((store) => store.get(coreModule.srv));
}

const resolver = (value: string): MailCoreConf['resolver'] =>
  cores(`server { listen 127.0.0.1:25; resolver ${value}; }`)[0]?.resolver;

const texts = (value: string): string[] => resolver(value)?.servers.map(({ text }) => text) ?? [];

test('the port is 53 unless it is named', () => {
  assert.deepEqual(texts('127.0.0.1 127.0.0.2:5353 [::1] [::1]:54'), [
    '127.0.0.1:53',
    '127.0.0.2:5353',
    '[::1]:53',
    '[::1]:54',
  ]);
});

test('every address of a name is a server', () => {
  assert.deepEqual(resolver('dns.test:54')?.servers, [
    { address: '192.0.2.53', port: 54, text: '192.0.2.53:54' },
    { address: '2001:db8::53', port: 54, text: '[2001:db8::53]:54' },
  ]);
});

test('parameters may stand anywhere, and the last one counts', () => {
  const all = resolver('ipv6=off 127.0.0.1 valid=1m valid=10 ipv4=on');
  assert.deepEqual([all?.ipv4, all?.ipv6, all?.validMs], [true, false, 10_000]);
  const plain = resolver('127.0.0.1');
  assert.deepEqual([plain?.ipv4, plain?.ipv6, plain?.validMs], [true, true, undefined]);
  assert.equal(resolver('127.0.0.1 ipv4=off ipv4=on ipv6=off')?.ipv4, true);
});

test('off is off, on both levels', () => {
  assert.equal(resolver('off'), undefined);
  const [inherits, off, own] = cores(
    'resolver 127.0.0.1; server { listen 127.0.0.1:25; } server { listen 127.0.0.2:25; resolver off; } ' +
      'server { listen 127.0.0.3:25; resolver 127.0.0.3; }',
  );
  assert.equal(inherits?.resolver?.servers[0]?.text, '127.0.0.1:53');
  assert.equal(off?.resolver, undefined);
  assert.equal(own?.resolver?.servers[0]?.text, '127.0.0.3:53');
});

test('servers that inherit a resolver share it, and so its cache', () => {
  const [a, b] = cores('resolver 127.0.0.1; server { listen 127.0.0.1:25; } server { listen 127.0.0.2:25; }');
  assert.ok(a?.resolver !== undefined);
  assert.equal(a.resolver, b?.resolver);
});

const MESSAGES: readonly (readonly [string, string])[] = [
  ['127.0.0.1 valid=1x', 'invalid parameter: valid=1x'],
  ['127.0.0.1 valid=', 'invalid parameter: valid='],
  ['127.0.0.1 ipv6=x', 'invalid parameter: ipv6=x'],
  ['127.0.0.1 ipv4=', 'invalid parameter: ipv4='],
  ['127.0.0.1 ipv4=off ipv6=off', '"ipv4" and "ipv6" cannot both be "off"'],
  ['valid=1', 'no name servers defined'],
  ['nx.test', 'host not found in resolver "nx.test"'],
  ['127.0.0.1:0', 'invalid port in resolver "127.0.0.1:0"'],
  ['127.0.0.1; resolver off', '"resolver" directive is duplicate'],
  ['off; resolver 127.0.0.1', '"resolver" directive is duplicate'],
];

for (const [value, message] of MESSAGES) {
  test(`resolver ${value}`, () => {
    assert.throws(
      () => resolver(value),
      (error) => error instanceof ConfError && error.message === message,
    );
  });
}
