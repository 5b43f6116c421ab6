// Sets of addresses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Cursor } from '../../../src/conf/cursor.ts';
import { Fault } from '../../../src/conf/directive.ts';
import { Parser } from '../../../src/conf/parser.ts';
import { Store } from '../../../src/conf/store.ts';
import { inetAddress } from '../../../src/core/address.ts';
import { type Cidr, cidrsOf, compileCidrs, parseCidr } from '../../../src/core/cidr.ts';
import { formatIp, parseIp } from '../../../src/core/ip.ts';
import { MemoryEnvironment } from '../../support/memory-environment.ts';

const env = new MemoryEnvironment({ hosts: { two: ['1.2.3.4', '::1'] } });
const cursor = new Cursor(env, new Parser(Buffer.alloc(0), 'f'), 'events', new Store(), () => {});

function cidrs(...texts: string[]): Cidr[] {
  return texts.flatMap((text) => {
    const found = cidrsOf(cursor, 'x', text);
    assert.ok(!(found instanceof Fault));
    return found;
  });
}

function holds(set: readonly Cidr[], ip: string): boolean {
  const bytes = parseIp(ip);
  assert.ok(bytes);
  return compileCidrs(set)(inetAddress(bytes, 0));
}

test('a prefix holds its addresses', () => {
  const set = cidrs('10.0.0.0/8', '192.168.1.128/25', '2001:db8::/32', '::1');
  for (const ip of ['10.255.0.1', '192.168.1.128', '192.168.1.255', '2001:db8:ffff::1', '::1'])
    assert.ok(holds(set, ip));
  for (const ip of ['11.0.0.0', '192.168.1.127', '2001:db9::', '::2']) assert.ok(!holds(set, ip));
});

test('a prefix of no bits holds its family only', () => {
  assert.ok(holds(cidrs('0.0.0.0/0'), '9.9.9.9'));
  assert.ok(!holds(cidrs('0.0.0.0/0'), '::1'));
  assert.ok(holds(cidrs('::/0'), '2001::1'));
});

test('an IPv4 address mapped into IPv6 counts as IPv4', () => {
  assert.ok(holds(cidrs('10.0.0.0/8'), '::ffff:10.1.2.3'));
  assert.ok(!holds(cidrs('10.0.0.0/8'), '::10.1.2.3'));
});

test('unix sockets are a set of their own', () => {
  assert.ok(compileCidrs(cidrs('unix:'))({ kind: 'unix', path: '' }));
  assert.ok(!compileCidrs(cidrs('0.0.0.0/0'))({ kind: 'unix', path: '' }));
  assert.ok(!holds(cidrs('unix:'), '1.2.3.4'));
});

test('a name stands for all of its addresses, a short form for one', () => {
  const set = cidrs('two', '127.1');
  assert.ok(holds(set, '1.2.3.4') && holds(set, '::1') && holds(set, '127.0.0.1'));
});

test('bits outside of the mask are reported and do not count', () => {
  env.records.length = 0;
  assert.ok(holds(cidrs('10.0.0.1/8'), '10.9.9.9'));
  assert.deepEqual(env.records, ['[warn] low address bits of 10.0.0.1/8 are meaningless in f:1']);
});

test('anything else is no address', () => {
  for (const text of [
    '',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/x',
    '::/129',
    '[::1]',
    'UNIX:',
    'unix:x',
    '1.2.3/24',
    '255.255.255.255/32',
    'two/8',
    '/8',
    '1.2.3.4:80',
    'nosuch',
  ]) {
    const found = cidrsOf(cursor, 'set_real_ip_from', text);
    assert.ok(found instanceof Fault, text);
    assert.equal(found.text, `host not found in set_real_ip_from "${text}"`);
  }
});

test('a match compares exactly the bits of the prefix', () => {
  const bytes = fc.uint8Array({ minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(bytes, bytes, fc.nat(32), (a, b, bits) => {
      const value = (x: Uint8Array): number => x.reduce((sum, n) => sum * 256 + n, 0);
      const same = Math.floor(value(a) / 2 ** (32 - bits)) === Math.floor(value(b) / 2 ** (32 - bits));
      // The address of all ones is not one for nginx.
      const parsed = parseCidr(`${formatIp(a)}/${bits}`);
      if (parsed !== undefined) assert.equal(compileCidrs([parsed.cidr])(inetAddress(b, 0)), same);
    }),
  );
});
