// The blocking look-up of host names.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostLookup } from '../../../src/core/resolve-host.ts';

/** A label of 64 bytes: the system refuses it without asking a name server. */
const UNKNOWN = 'a'.repeat(64);

test('localhost is found without the event loop', () => {
  const ips = new HostLookup().resolve('localhost');
  assert.ok(ips.some((ip) => ip === '127.0.0.1' || ip === '::1'));
});

test('a name without an address is empty', () => {
  assert.deepEqual(new HostLookup().resolve(UNKNOWN), []);
});

test('what no name server can be asked for has no address', () => {
  const lookup = new HostLookup();
  for (const name of ['', 'a b', 'na\xefve', 'a\0b', 'a'.repeat(256)]) assert.deepEqual(lookup.resolve(name), []);
});

test('a name is looked up once, and later names after the first thread is gone', async () => {
  const lookup = new HostLookup();
  const first = lookup.resolve('localhost');
  assert.equal(lookup.resolve('localhost'), first);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(lookup.resolve(UNKNOWN), []);
});
