// What servers share for resumption: zones by name and size, ticket keys, and another process behind them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type RemoteSessions, SessionZones } from '../../../../src/net/tls/session-zones.ts';
import { RotatingKeys } from '../../../../src/net/tls/ticket-keys.ts';

const ID = Buffer.from('id');
const SESSION = Buffer.from('session');
const BYTES = 32_768;

/** Notes what it is told, and finds nothing. */
function deafRemote(): { readonly told: string[]; readonly remote: RemoteSessions } {
  const told: string[] = [];
  const remote: RemoteSessions = {
    put: (zone, id, session, lifetimeS, done) => {
      told.push(`put ${zone} ${id} ${session} ${lifetimeS}`);
      done();
    },
    find: (zone, id, done) => {
      told.push(`find ${zone} ${id}`);
      done(undefined);
    },
    remove: (zone, id) => void told.push(`remove ${zone} ${id}`),
  };
  return { told, remote };
}

describe('the zones of a configuration', () => {
  it('are the same for every server that names them, and others by another name or size', () => {
    const zones = new SessionZones();
    assert.equal(zones.get('a', BYTES), zones.get('a', BYTES));
    assert.notEqual(zones.get('a', BYTES), zones.get('b', BYTES));
    assert.notEqual(zones.get('a', BYTES), zones.get('a', 2 * BYTES));
  });

  it('have a builtin one for each server, the same after a reload', () => {
    const limits = { sessions: 10, bytes: BYTES };
    const [before, after] = [new SessionZones(), new SessionZones()];
    const [one, two] = [before.builtin(limits), before.builtin(limits)];
    assert.notEqual(one, two);
    assert.deepEqual([after.builtin(limits).id, after.builtin(limits).id], [one.id, two.id]);
    assert.notEqual(after.builtin({ ...limits, sessions: 20 }).id, before.builtin(limits).id);
    assert.deepEqual(one.limits, limits);
  });

  it('give their servers the same ticket keys; a server without a zone has its own', () => {
    const zones = new SessionZones();
    const zone = zones.get('a', BYTES);
    assert.equal(zones.ticketKeys(zone, 300), zones.ticketKeys(zone, 600));
    assert.notEqual(zones.ticketKeys(undefined, 300), zones.ticketKeys(undefined, 300));
  });

  it('are listed with what they need, tickets for the longest time that a server asks for', () => {
    const zones = new SessionZones();
    zones.get('quiet', BYTES);
    const zone = zones.get('a', BYTES);
    for (const lifetimeS of [300, 600, 60]) zones.ticketKeys(zone, lifetimeS);
    zones.ticketKeys(undefined, 30);
    const limits = { sessions: Number.POSITIVE_INFINITY, bytes: BYTES };
    assert.deepEqual(zones.uses, [
      { id: `quiet:${BYTES}`, limits, ticketLifetimeS: undefined },
      { id: `a:${BYTES}`, limits, ticketLifetimeS: 600 },
      { id: '#0', limits: undefined, ticketLifetimeS: 30 },
    ]);
  });

  it('tell the other process what is new and what has to go, and ask it', () => {
    const { told, remote } = deafRemote();
    const zones = new SessionZones();
    const zone = zones.get('a', BYTES);
    zone.ask(ID, (found) => told.push(`nobody to ask: ${found}`));
    zones.connect(remote, new Map());
    zone.put(ID, SESSION, 300, () => told.push('is there'));
    assert.deepEqual(zone.get(ID), SESSION);
    zone.ask(ID, (found) => told.push(`found ${found}`));
    zone.remove(ID);
    assert.equal(zone.get(ID), undefined);
    const name = `a:${BYTES}`;
    assert.deepEqual(told, [
      'nobody to ask: undefined',
      `put ${name} id session 300`,
      'is there',
      `find ${name} id`,
      'found undefined',
      `remove ${name} id`,
    ]);
  });

  it('forget what another process has removed, and say nothing', () => {
    const { told, remote } = deafRemote();
    const zones = new SessionZones();
    const zone = zones.get('a', BYTES);
    zone.put(ID, SESSION, 300);
    zones.connect(remote, new Map());
    zones.forget('another', ID);
    assert.deepEqual(zone.get(ID), SESSION);
    zones.forget(zone.id, ID);
    assert.equal(zone.get(ID), undefined);
    assert.deepEqual(told, []);
  });

  it('take ticket keys of another process, and go on with them when it is gone', () => {
    const zones = new SessionZones();
    const own = zones.ticketKeys(undefined, 300);
    const before = own.current();
    const dealt = new RotatingKeys(300).current();
    zones.connect(deafRemote().remote, new Map([['#0', dealt]]));
    assert.notDeepEqual(own.current(), before);
    assert.equal(own.current(), dealt);
    zones.deal(new Map([['unknown', before]]));
    zones.disconnect();
    assert.equal(own.current(), dealt);
  });
});
