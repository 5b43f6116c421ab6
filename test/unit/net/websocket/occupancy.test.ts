// How many WebSockets an address may have, and how fast it may ask.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Occupancy } from '../../../../src/net/websocket/occupancy.ts';

const CLIENT = '192.0.2.1';

test('so many at a time', () => {
  const occupancy = new Occupancy();
  const limits = { maxConnections: 2, rate: undefined };
  const enter = (address = CLIENT): string => occupancy.enter(address, limits);
  assert.deepEqual([enter(), enter(), enter()], ['entered', 'entered', 'many']);
  assert.equal(enter('192.0.2.2'), 'entered');
  occupancy.leave(CLIENT);
  assert.deepEqual([enter(), enter()], ['entered', 'many']);
});

test('any number', () => {
  const occupancy = new Occupancy();
  for (let i = 0; i < 100; i++) assert.equal(occupancy.enter('', { maxConnections: 0, rate: undefined }), 'entered');
});

test('the rate: so many at once, and no more in the long run', () => {
  let now = 1000;
  const occupancy = new Occupancy(() => now);
  const limits = { maxConnections: 0, rate: { count: 3, intervalMs: 20_000 } };
  const enter = (address = CLIENT): string => {
    const entrance = occupancy.enter(address, limits);
    if (entrance === 'entered') occupancy.leave(address);
    return entrance;
  };
  assert.deepEqual([enter(), enter(), enter(), enter()], ['entered', 'entered', 'entered', 'fast']);
  assert.equal(enter('192.0.2.2'), 'entered');
  now += 19_999;
  assert.equal(enter(), 'fast');
  now += 1;
  assert.deepEqual([enter(), enter()], ['entered', 'fast']);
  now += 60_000;
  assert.deepEqual([enter(), enter(), enter(), enter()], ['entered', 'entered', 'entered', 'fast']);
});

test('a network of IPv6 is one client; IPv4 within it is not one network', () => {
  const occupancy = new Occupancy();
  const limits = { maxConnections: 1, rate: undefined };
  assert.equal(occupancy.enter('2001:db8:1:2::1', limits), 'entered');
  assert.equal(occupancy.enter('2001:db8:1:2:ffff::2', limits), 'many');
  assert.equal(occupancy.enter('2001:db8:1:3::1', limits), 'entered');
  assert.equal(occupancy.enter('::ffff:192.0.2.1', limits), 'entered');
  assert.equal(occupancy.enter('::ffff:192.0.2.2', limits), 'entered');
  occupancy.leave('2001:db8:1:2::9');
  assert.equal(occupancy.enter('2001:db8:1:2::3', limits), 'entered');
});

test('of many addresses those that asked last are remembered', () => {
  const occupancy = new Occupancy(() => 0);
  const limits = { maxConnections: 0, rate: { count: 1, intervalMs: 1000 } };
  for (let i = 0; i < 20_000; i++) occupancy.enter(`10.0.${i >> 8}.${i & 255}`, limits);
  assert.equal(occupancy.enter('10.0.0.0', limits), 'entered');
  assert.equal(occupancy.enter(`10.0.${19_999 >> 8}.${19_999 & 255}`, limits), 'fast');
});
