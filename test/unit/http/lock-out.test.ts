// Addresses that are locked out: after how many wrong passwords, for how long, and how many are remembered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inetAddress } from '../../../src/core/address.ts';
import { parseIp } from '../../../src/core/ip.ts';
import { LOCKED_MS, LockOut, MAX_ADDRESSES, MAX_FAILURES } from '../../../src/http/auth-basic/lock-out.ts';

const address = (ip: string, port = 1) => inetAddress(parseIp(ip) ?? new Uint8Array(4), port);

const fails = (lockOut: LockOut, ip: string, times: number, nowMs = 0): void => {
  for (let i = 0; i < times; i++) lockOut.failed(address(ip, i), nowMs);
};

test('an address is locked out after so many wrong passwords in a row, and for a time', () => {
  const lockOut = new LockOut();
  fails(lockOut, '192.0.2.1', MAX_FAILURES - 1);
  assert.equal(lockOut.isLocked(address('192.0.2.1'), 0), false);
  fails(lockOut, '192.0.2.1', 1);
  assert.equal(lockOut.isLocked(address('192.0.2.1'), 0), true);
  assert.equal(lockOut.isLocked(address('::ffff:192.0.2.1'), 0), true);
  assert.equal(lockOut.isLocked(address('192.0.2.2'), 0), false);
  assert.equal(lockOut.isLocked(address('192.0.2.1'), LOCKED_MS), false);
  fails(lockOut, '192.0.2.1', 1, LOCKED_MS);
  assert.equal(lockOut.isLocked(address('192.0.2.1'), LOCKED_MS), false, 'they count anew');
});

test('a right password ends the row', () => {
  const lockOut = new LockOut();
  fails(lockOut, '192.0.2.1', MAX_FAILURES - 1);
  lockOut.passed(address('192.0.2.1'));
  fails(lockOut, '192.0.2.1', 1);
  assert.equal(lockOut.isLocked(address('192.0.2.1'), 0), false);
});

test('of IPv6 a network counts as one, and clients of unix sockets are never locked out', () => {
  const lockOut = new LockOut();
  for (let i = 0; i < MAX_FAILURES; i++) lockOut.failed(address(`2001:db8::${i}`), 0);
  assert.equal(lockOut.isLocked(address('2001:db8::ffff'), 0), true);
  assert.equal(lockOut.isLocked(address('2001:db8:0:1::1'), 0), false);
  fails(lockOut, '192.0.2.1', 0);
  for (let i = 0; i < MAX_FAILURES; i++) lockOut.failed({ kind: 'unix', path: '' }, 0);
  assert.equal(lockOut.isLocked({ kind: 'unix', path: '' }, 0), false);
});

test('only so many addresses are remembered', () => {
  const lockOut = new LockOut();
  fails(lockOut, '192.0.2.1', MAX_FAILURES);
  for (let i = 0; i < MAX_ADDRESSES; i++) fails(lockOut, `10.0.${i >> 8}.${i & 255}`, 1);
  assert.equal(lockOut.isLocked(address('192.0.2.1'), 0), false);
});
