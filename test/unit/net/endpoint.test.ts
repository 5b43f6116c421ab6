// The two ends of a client's connection.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointOf, endpointText, socketAddressOf } from '../../../src/net/endpoint.ts';

test('an end is an address and a port, or there is none', () => {
  assert.deepEqual(endpointOf('192.0.2.1', 25), { address: '192.0.2.1', port: 25 });
  assert.equal(endpointOf(undefined, 25), undefined);
  assert.equal(endpointOf('192.0.2.1', undefined), undefined);
});

test('the text of an end', () => {
  assert.equal(endpointText({ address: '192.0.2.1', port: 25 }), '192.0.2.1:25');
  assert.equal(endpointText({ address: '2001:db8::1', port: 25 }), '[2001:db8::1]:25');
  assert.equal(endpointText({ address: '::ffff:127.0.0.1', port: 1 }), '[::ffff:127.0.0.1]:1');
  assert.equal(endpointText(undefined), 'unix:');
});

test('what the matchers of addresses get', () => {
  assert.deepEqual(socketAddressOf({ address: '192.0.2.1', port: 25 }), {
    kind: 'inet',
    ip: '192.0.2.1',
    bytes: Uint8Array.of(192, 0, 2, 1),
    port: 25,
  });
  assert.equal(socketAddressOf(undefined).kind, 'unix');
});
