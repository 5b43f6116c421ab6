// Ticket keys that are made here and change with time.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RotatingKeys } from '../../../../src/net/tls/ticket-keys.ts';

const LIFETIME_S = 300;
const LIFETIME_MS = LIFETIME_S * 1000;

describe('rotating ticket keys', () => {
  it('are known before they encrypt, encrypt for one lifetime and decrypt for another', () => {
    const keys = new RotatingKeys(LIFETIME_S, 0);
    const start = keys.current(LIFETIME_MS);
    const [first, second] = start;
    assert.equal(start.length, 2);
    assert.equal(keys.current(LIFETIME_MS), start);
    const [now, next, ...older] = keys.current(LIFETIME_MS + 1);
    assert.equal(now, second);
    assert.deepEqual(older, [first]);
    const later = keys.current(2 * LIFETIME_MS + 2);
    assert.equal(later[0], next);
    assert.equal(later[2], second);
    assert.equal(later.length, 3);
  });

  it('drop what has encrypted after a long quiet time', () => {
    const keys = new RotatingKeys(LIFETIME_S, 0);
    const [first] = keys.current(0);
    const later = keys.current(10 * LIFETIME_MS);
    assert.equal(later.length, 2);
    assert.ok(first !== undefined && !later.includes(first));
  });

  it('stand still while somebody else makes them, and start afresh when nobody does', () => {
    const keys = new RotatingKeys(LIFETIME_S, 0);
    const dealt = new RotatingKeys(LIFETIME_S, 0).current(0);
    keys.follow(dealt);
    assert.equal(keys.current(9 * LIFETIME_MS), dealt);
    keys.lead(9 * LIFETIME_MS);
    assert.equal(keys.current(10 * LIFETIME_MS), dealt);
    const own = keys.current(10 * LIFETIME_MS + 1);
    assert.equal(own[0], dealt[1]);
    assert.equal(own[2], dealt[0]);
    keys.lead(10 * LIFETIME_MS + 2);
    assert.equal(keys.dueMs, 11 * LIFETIME_MS + 1, 'who leads already goes on');
  });
});
