// Addresses that are locked out: after how many wrong passwords, for how long, how many at a time, and remembered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  LOCKED_MS,
  LockOutTable,
  lockOutKey,
  MAX_ADDRESSES,
  MAX_FAILURES,
  MAX_WAITING,
  type TryEnd,
} from '../../../src/control/lock-out-table.ts';
import { inetAddress } from '../../../src/core/address.ts';
import { parseIp } from '../../../src/core/ip.ts';

const keyOf = (ip: string): string => lockOutKey(inetAddress(parseIp(ip) ?? new Uint8Array(4), 1)) ?? '';

/** With what was decided of tries, in turn. */
class Tried {
  readonly table = new LockOutTable<string>();
  readonly decisions: boolean[] = [];

  begin(ip = '192.0.2.1', holder = 'one', nowMs = 0): void {
    this.table.begin(keyOf(ip), holder, nowMs, (isLocked) => this.decisions.push(isLocked));
  }

  end(how: TryEnd, ip = '192.0.2.1', holder = 'one', nowMs = 0): void {
    this.table.end(keyOf(ip), holder, how, nowMs);
  }

  fails(times: number, ip?: string, nowMs?: number): void {
    for (let i = 0; i < times; i++) {
      this.begin(ip, 'one', nowMs);
      this.end('failed', ip, 'one', nowMs);
    }
  }

  isLocked(ip?: string, nowMs?: number): boolean {
    this.begin(ip, 'one', nowMs);
    const isLocked = this.decisions.pop();
    assert.notEqual(isLocked, undefined);
    this.end('dropped', ip, 'one', nowMs);
    return isLocked === true;
  }
}

test('an address is locked out after so many wrong passwords in a row, and for a time', () => {
  const tried = new Tried();
  tried.fails(MAX_FAILURES - 1);
  assert.equal(tried.isLocked(), false);
  tried.fails(1);
  assert.equal(tried.isLocked(), true);
  assert.equal(tried.isLocked('::ffff:192.0.2.1'), true);
  assert.equal(tried.isLocked('192.0.2.2'), false);
  assert.equal(tried.isLocked('192.0.2.1', LOCKED_MS - 1), true);
  assert.equal(tried.isLocked('192.0.2.1', LOCKED_MS), false);
  tried.fails(1, '192.0.2.1', LOCKED_MS);
  assert.equal(tried.isLocked('192.0.2.1', LOCKED_MS), false, 'they count anew');
});

test('a right password ends the row; a try that came to nothing does not', () => {
  const tried = new Tried();
  tried.fails(MAX_FAILURES - 1);
  tried.begin();
  tried.end('passed');
  tried.fails(MAX_FAILURES - 1);
  assert.equal(tried.isLocked(), false);
  tried.fails(1);
  assert.equal(tried.isLocked(), true);
});

test('of IPv6 a network counts as one, and clients of unix sockets are never counted', () => {
  const tried = new Tried();
  for (let i = 0; i < MAX_FAILURES; i++) tried.fails(1, `2001:db8::${i}`);
  assert.equal(tried.isLocked('2001:db8::ffff'), true);
  assert.equal(tried.isLocked('2001:db8:0:1::1'), false);
  assert.equal(lockOutKey({ kind: 'unix', path: '' }), undefined);
});

test('not more tries are under way than may fail: others wait for them', () => {
  const tried = new Tried();
  for (let i = 0; i < MAX_FAILURES + 3; i++) tried.begin();
  assert.deepEqual(tried.decisions, new Array(MAX_FAILURES).fill(false));
  tried.end('dropped');
  assert.equal(tried.decisions.length, MAX_FAILURES + 1);
  for (let i = 0; i < MAX_FAILURES; i++) tried.end('failed');
  assert.deepEqual(tried.decisions.slice(MAX_FAILURES), [false, true, true], 'ten have failed');
  tried.end('passed');
  assert.equal(tried.isLocked(), true, 'nothing was under way');
});

test('those that wait go on when a password was right', () => {
  const tried = new Tried();
  for (let i = 0; i < 2 * MAX_FAILURES; i++) tried.begin();
  for (let i = 0; i < MAX_FAILURES - 1; i++) tried.end('failed');
  assert.equal(tried.decisions.length, MAX_FAILURES);
  tried.end('passed');
  assert.deepEqual(tried.decisions, new Array(2 * MAX_FAILURES).fill(false));
});

test('what a process was trying does not count when it is gone', () => {
  const tried = new Tried();
  for (let i = 0; i < MAX_FAILURES; i++) tried.begin('192.0.2.1', 'gone');
  tried.begin('192.0.2.1', 'gone');
  tried.begin('192.0.2.1', 'other');
  assert.equal(tried.decisions.length, MAX_FAILURES);
  tried.table.leave('gone', 0);
  assert.deepEqual(tried.decisions.slice(MAX_FAILURES), [false], 'who is gone hears nothing');
  tried.end('failed', '192.0.2.1', 'gone');
  tried.end('passed', '192.0.2.1', 'other');
});

test('only so many addresses are remembered, and only so many tries wait', () => {
  const tried = new Tried();
  tried.fails(MAX_FAILURES);
  for (let i = 0; i < MAX_ADDRESSES; i++) tried.fails(1, `10.0.${i >> 8}.${i & 255}`);
  assert.equal(tried.isLocked(), false);
  const { length } = tried.decisions;
  for (let i = 0; i < MAX_FAILURES + MAX_WAITING; i++) tried.begin();
  assert.equal(tried.decisions.length, length + MAX_FAILURES);
  tried.begin();
  assert.equal(tried.decisions.at(-1), true);
});
