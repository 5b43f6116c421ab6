// Whom X-Forwarded-For names, as nginx finds it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SocketAddress } from '../../../src/core/address.ts';
import { type Cidr, compileCidrs, parseCidr } from '../../../src/core/cidr.ts';
import { forwardedFor } from '../../../src/http/script/forwarded.ts';
import { socketAddressOf } from '../../../src/net/endpoint.ts';

const cidrs = ['127.0.0.1', '10.0.0.0/8', 'unix:'].flatMap((text): Cidr[] => {
  const parsed = parseCidr(text);
  return parsed === undefined ? [] : [parsed.cidr];
});
const trusts = compileCidrs(cidrs);
const PEER: SocketAddress = socketAddressOf({ address: '127.0.0.1', port: 4000 });

function find(list: string, isRecursive = false, peer = PEER): string | undefined {
  const found = forwardedFor(peer, list, trusts, isRecursive);
  return found === undefined ? undefined : `${found.ip} ${found.port}`;
}

test('the last address counts, with or without a port', () => {
  for (const [list, expected] of [
    ['9.9.9.9', '9.9.9.9 0'],
    ['8.8.8.8, 9.9.9.9', '9.9.9.9 0'],
    ['9.9.9.9,', '9.9.9.9 0'],
    ['9.9.9.9:123', '9.9.9.9 123'],
    ['[::1]:55', '::1 55'],
    ['::1', '::1 0'],
    ['009.9.9.9', '9.9.9.9 0'],
    ['2001:DB8:0::1', '2001:db8::1 0'],
  ] as const) {
    assert.equal(find(list), expected, list);
  }
});

test('what is no address names nobody', () => {
  for (const list of [
    '',
    ',',
    'bad',
    '9.9.9.9, bad',
    'unix:',
    '9.9.9.9:',
    '9.9.9.9:99999',
    '9.9.9.9:0',
    '[::1]',
    '1.2.3',
    '::1:x',
  ]) {
    assert.equal(find(list), undefined, list);
  }
});

test('recursion goes on as long as the writers are trusted, and the addresses good', () => {
  for (const [list, expected] of [
    ['9.9.9.9, 10.0.0.1, 127.0.0.1', '9.9.9.9 0'],
    ['8.8.8.8, 9.9.9.9, 10.0.0.1', '9.9.9.9 0'],
    ['10.0.0.1, 127.0.0.1', '10.0.0.1 0'],
    ['9.9.9.9, bad, 127.0.0.1', '127.0.0.1 0'],
    ['9.9.9.9;10.0.0.1 127.0.0.1', '127.0.0.1 0'],
    ['9.9.9.9:5, 10.0.0.1:7', '9.9.9.9 5'],
  ] as const) {
    assert.equal(find(list, true), expected, list);
  }
});

test('a peer that is not trusted says nothing, one on a unix socket may', () => {
  assert.equal(find('9.9.9.9', true, socketAddressOf({ address: '192.0.2.1', port: 1 })), undefined);
  assert.equal(find('9.9.9.9', true, socketAddressOf(undefined)), '9.9.9.9 0');
});
