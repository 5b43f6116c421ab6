// The bounds of the session stores.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SessionStore } from '../../../../src/net/tls/session-cache.ts';

const id = (n: number): Buffer => Buffer.from([n]);
const LIFETIME_S = 300;
const LIFETIME_MS = LIFETIME_S * 1000;

describe('a session store', () => {
  it('drops the oldest beyond its number of sessions', () => {
    const store = new SessionStore({ sessions: 2, bytes: 1 << 20 });
    for (const n of [1, 2, 3]) store.put(id(n), Buffer.from(`session ${n}`), LIFETIME_S, 0);
    assert.equal(store.size, 2);
    assert.equal(store.get(id(1), 0), undefined);
    assert.equal(store.get(id(3), 0)?.toString(), 'session 3');
  });

  it('stays within its bytes', () => {
    const store = new SessionStore({ sessions: Number.POSITIVE_INFINITY, bytes: 32_768 });
    for (let n = 0; n < 200; n++) store.put(id(n), Buffer.alloc(800), LIFETIME_S, 0);
    assert.equal(store.size, 32);
    store.put(id(0), Buffer.alloc(40_000), LIFETIME_S, 0);
    assert.equal(store.size, 32, 'what could never fit pushes nothing out');
  });

  it('forgets after the session timeout, and on request', () => {
    const store = new SessionStore({ sessions: 10, bytes: 1 << 20 });
    store.put(id(1), Buffer.from('a'), LIFETIME_S, 0);
    assert.equal(store.get(id(1), LIFETIME_MS - 1)?.toString(), 'a');
    assert.equal(store.get(id(1), LIFETIME_MS), undefined);
    store.put(id(2), Buffer.from('b'), LIFETIME_S, LIFETIME_MS);
    assert.equal(store.size, 1, 'an expired one goes when another comes');
    store.remove(id(2));
    assert.equal(store.size, 0);
  });

  it('keeps one session an id', () => {
    const store = new SessionStore({ sessions: 10, bytes: 1 << 20 });
    for (const text of ['a', 'b']) store.put(id(1), Buffer.from(text), LIFETIME_S, 0);
    assert.equal(store.size, 1);
    assert.equal(store.get(id(1), 0)?.toString(), 'b');
  });
});
