// IP addresses; the tables were made with nginx and getaddrinfo.
import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIp, parseAton, parseIp, parseIpv4, parseIpv6 } from '../../../src/core/ip.ts';

const show = (bytes: Uint8Array | undefined): string | undefined => bytes && formatIp(bytes);

const v6: readonly (readonly [text: string, canonical: string | undefined])[] = [
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['::01', '::1'],
  ['0::0:1', '::1'],
  ['2001:DB8::1', '2001:db8::1'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:0:0:2:3:0:0:4', '1::2:3:0:0:4'],
  ['1:0:2::', '1:0:2::'],
  ['0:1::', '0:1::'],
  ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
  ['1:2:3:4:5:6::8', '1:2:3:4:5:6:0:8'],
  ['1:2:3:4:5:6::', '1:2:3:4:5:6::'],
  ['::1:2', '::0.1.0.2'],
  ['::ffff:0:1', '::ffff:0.0.0.1'],
  ['::ffff:1.2.3.4', '::ffff:1.2.3.4'],
  ['::fffe:1.2.3.4', '::fffe:102:304'],
  ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
  ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
  ['::1:2:3:4:5:1.2.3.4', '0:1:2:3:4:5:102:304'],
  ['1::2:', '1::2:0'],
  ['::2:3:4:5:6:7:', '0:2:3:4:5:6:7:0'],
  ['::1.2.3.', '::1.2.3.0'],
  ['1:2:3:4:5:6:7::', undefined],
  ['1:2:3:4:5:6:7:', undefined],
  ['1:2:3:4:5:6:7:8:', undefined],
  ['1:2:3:4:5:6:7:8:9', undefined],
  ['1:2:3:4::5:6:7:8', undefined],
  ['1::2::3', undefined],
  [':1', undefined],
  ['1:', undefined],
  [':', undefined],
  ['', undefined],
  [':::1', undefined],
  ['1:::', undefined],
  ['12345::', undefined],
  ['::g', undefined],
  ['::1%lo', undefined],
  ['::1 ', undefined],
  ['1.2.3.4', undefined],
  ['1.2.3.4::', undefined],
  ['::1.2.3', undefined],
  ['::1.2.3.4.5', undefined],
  ['::1.2.3.256', undefined],
  ['::.1.2.3', undefined],
  ['1:2::1.2.3.4:5', undefined],
  ['1:2:3:4:5:1.2.3.4', undefined],
];

for (const [text, canonical] of v6) {
  test(`IPv6 ${JSON.stringify(text)}`, () => assert.equal(show(parseIpv6(text)), canonical));
}

test('nginx reads four decimal bytes', () => {
  assert.equal(show(parseIpv4('127.0.0.001')), '127.0.0.1');
  assert.equal(show(parseIpv4('127..0.')), '127.0.0.0');
  for (const text of ['', '1.2.3', '1.2.3.4.5', '1.2.3.256', '1.2.3.4a', '0x1.2.3.4']) {
    assert.equal(parseIpv4(text), undefined, text);
  }
});

test('the address of all ones is refused where nginx takes it for an error', () => {
  assert.equal(show(parseIpv4('255.255.255.255')), '255.255.255.255');
  assert.equal(parseIp('255.255.255.255'), undefined);
  assert.equal(show(parseIp('255.255.255.254')), '255.255.255.254');
  assert.equal(show(parseIp('::1')), '::1');
});

test('inet_aton fills the last part up', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['1', '0.0.0.1'],
    ['127.1', '127.0.0.1'],
    ['1.2.65535', '1.2.255.255'],
    ['1.16777215', '1.255.255.255'],
    ['4294967295', '255.255.255.255'],
    ['0x7F000001', '127.0.0.1'],
    ['010.1', '8.0.0.1'],
    ['1.2.3.0x1f', '1.2.3.31'],
    ['0', '0.0.0.0'],
  ];
  for (const [text, ip] of cases) assert.equal(show(parseAton(text)), ip, text);
  for (const text of [
    '',
    '1.2.65536',
    '1.16777216',
    '4294967296',
    '0x100000000',
    '08.1',
    '0x.1',
    '1..2',
    '1.2.3.4.5',
    '256.1',
    '1.2.3.0400',
    '-1',
  ]) {
    assert.equal(parseAton(text), undefined, text);
  }
});

test('canonical text comes back to the same bytes', () => {
  const group = fc.oneof(fc.constant(0), fc.constant(0xffff), fc.nat(0xffff));
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const bytes = Uint8Array.from(groups.flatMap((g) => [g >> 8, g & 0xff]));
      const text = formatIp(bytes);
      assert.ok(isIPv6(text));
      // nginx reads seven groups before a final `::` as one too many; it never prints them.
      assert.deepEqual(parseIpv6(text), bytes);
    }),
  );
});

test('whatever the system takes for an IPv6 address, we read, but for zones and the odd seven groups', () => {
  const text = fc
    .array(fc.constantFrom(':', '::', '0', '1', 'ab', '1.2.3.4'), { maxLength: 12 })
    .map((x) => x.join(''));
  fc.assert(
    fc.property(text, (address) => {
      if (isIPv6(address) && !/^[^:]+(:[^:]+){6}::$/.test(address))
        assert.ok(parseIpv6(address) !== undefined, address);
    }),
    { numRuns: 500 },
  );
});
