// A worker's link to its master: it asks, waits for a moment at most, and never for a master that is gone.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { SessionZones } from '../../../../src/net/tls/session-zones.ts';
import { RotatingKeys } from '../../../../src/net/tls/ticket-keys.ts';
import type { ToMaster } from '../../../../src/process/messages.ts';
import { ANSWER_MS, SessionLink } from '../../../../src/process/worker/session-link.ts';

const ZONE = 'SSL:32768';
const ID = Buffer.from('id');
const SESSION = Buffer.from('session');

class World {
  readonly zones = new SessionZones();
  readonly zone = this.zones.get('SSL', 32_768);
  readonly sent: ToMaster[] = [];
  readonly found: (string | undefined)[] = [];
  kept = 0;
  readonly link: SessionLink;
  /** Whether messages get on their way. */
  flows = true;

  constructor() {
    this.zones.ticketKeys(this.zone, 300);
    this.link = new SessionLink(this.zones, new Map(), (message, sent) => {
      this.sent.push(message);
      if (this.flows) sent();
    });
  }

  put(): void {
    this.zone.put(ID, SESSION, 300, () => this.kept++);
  }

  ask(): void {
    this.zone.ask(ID, (session) => this.found.push(session?.toString()));
  }
}

function mockTime(t: TestContext): void {
  t.mock.timers.enable({ apis: ['setTimeout'] });
}

describe('a worker', () => {
  it('gives its master new sessions, and tells it of those that have to go', (t) => {
    mockTime(t);
    const world = new World();
    world.put();
    world.zone.remove(ID);
    assert.deepEqual(world.sent, [
      { kind: 'put-session', zone: ZONE, id: ID, session: SESSION, lifetimeS: 300, ask: 1 },
      { kind: 'forget-session', zone: ZONE, id: ID },
    ]);
    assert.equal(world.kept, 0);
    world.link.receive({ kind: 'session', ask: 1, session: undefined });
    assert.equal(world.kept, 1, 'the handshake goes on when the master has the session');
    world.put();
    t.mock.timers.tick(ANSWER_MS);
    assert.equal(world.kept, 2, 'or after a moment');
  });

  it('asks for a session, and takes each answer to who has asked', (t) => {
    mockTime(t);
    const world = new World();
    world.ask();
    world.ask();
    assert.deepEqual(
      world.sent,
      [1, 2].map((ask) => ({ kind: 'find-session', zone: ZONE, id: ID, ask })),
    );
    world.link.receive({ kind: 'session', ask: 2, session: SESSION });
    assert.deepEqual(world.found, ['session']);
    world.link.receive({ kind: 'session', ask: 2, session: SESSION });
    world.link.receive({ kind: 'session', ask: 1, session: undefined });
    assert.deepEqual(world.found, ['session', undefined]);
  });

  it('goes on without an answer after a moment, and takes none later', (t) => {
    mockTime(t);
    const world = new World();
    world.ask();
    t.mock.timers.tick(ANSWER_MS - 1);
    assert.deepEqual(world.found, []);
    t.mock.timers.tick(1);
    assert.deepEqual(world.found, [undefined]);
    world.link.receive({ kind: 'session', ask: 1, session: SESSION });
    assert.deepEqual(world.found, [undefined]);
  });

  it('does not wait for a master that is gone', (t) => {
    mockTime(t);
    const world = new World();
    world.ask();
    world.link.lost();
    assert.deepEqual(world.found, [undefined]);
    world.ask();
    assert.deepEqual(world.found, [undefined, undefined]);
    world.put();
    assert.equal(world.kept, 1);
    assert.equal(world.sent.length, 1);
    assert.deepEqual(world.zone.get(ID), SESSION, 'its own sessions are good all the same');
  });

  it('drops sessions that a slow master does not take', (t) => {
    mockTime(t);
    const world = new World();
    world.flows = false;
    for (let n = 0; n < 1100; n++) world.put();
    assert.equal(world.sent.length, 1000);
    assert.equal(world.kept, 100);
    world.ask();
    assert.deepEqual(world.found, [undefined]);
  });

  it('keeps no more than so many handshakes waiting', (t) => {
    mockTime(t);
    const world = new World();
    for (let n = 0; n < 1001; n++) world.ask();
    assert.equal(world.found.length, 1);
    t.mock.timers.tick(ANSWER_MS);
    assert.equal(world.found.length, 1001);
  });

  it('forgets what its master tells it to', (t) => {
    mockTime(t);
    const world = new World();
    world.put();
    world.link.receive({ kind: 'forget-session', zone: ZONE, id: new Uint8Array(ID) });
    assert.equal(world.zone.get(ID), undefined);
  });

  it("uses its master's ticket keys", () => {
    const world = new World();
    const keys = new RotatingKeys(300).current();
    world.link.receive({ kind: 'ticket-keys', keys: new Map([[ZONE, keys]]) });
    assert.deepEqual(world.zones.ticketKeys(world.zone, 300).current(), keys);
  });
});
