// The master's zones: bounds, what survives a reload, ticket keys that rotate, and sessions forgotten everywhere.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { SharedUse, TicketKeysById } from '../../../../src/net/tls/session-zones.ts';
import { SessionZoneKeeper } from '../../../../src/process/master/session-zones.ts';
import type { ToWorker } from '../../../../src/process/messages.ts';

const LIFETIME_S = 300;
const BYTES = 32_768;
const zone = (bytes = BYTES, ticketLifetimeS?: number): SharedUse => ({
  id: `SSL:${bytes}`,
  limits: { sessions: Number.POSITIVE_INFINITY, bytes },
  ticketLifetimeS,
});
const ID = zone().id;

class FakeWorker {
  readonly heard: ToWorker[] = [];
  tell(message: ToWorker): void {
    this.heard.push(message);
  }
}

const put = (keeper: SessionZoneKeeper, from: FakeWorker, id: string, bytes = 100): void =>
  keeper.receive(from, {
    kind: 'put-session',
    zone: ID,
    id: Buffer.from(id),
    session: Buffer.alloc(bytes, id),
    lifetimeS: LIFETIME_S,
    ask: 1,
  });

function find(keeper: SessionZoneKeeper, id: string): string | undefined {
  const worker = new FakeWorker();
  keeper.receive(worker, { kind: 'find-session', zone: ID, id: Buffer.from(id), ask: 7 });
  const [answer, ...more] = worker.heard;
  assert.ok(answer?.kind === 'session' && answer.ask === 7 && more.length === 0);
  return answer.session === undefined ? undefined : Buffer.from(answer.session).toString();
}

describe('the sessions of all workers', () => {
  it('are found by each of them', () => {
    const keeper = new SessionZoneKeeper();
    keeper.open([zone()]);
    put(keeper, new FakeWorker(), 'a', 3);
    assert.equal(find(keeper, 'a'), 'aaa');
    assert.equal(find(keeper, 'b'), undefined);
  });

  it('take no more memory than the zone has, and none where there is no such zone', () => {
    const keeper = new SessionZoneKeeper();
    put(keeper, new FakeWorker(), 'early');
    keeper.open([zone()]);
    assert.equal(find(keeper, 'early'), undefined);
    for (let n = 0; n < 100; n++) put(keeper, new FakeWorker(), `id ${n}`, 1000);
    const left = Array.from({ length: 100 }, (_, n) => find(keeper, `id ${n}`)).filter((found) => found !== undefined);
    assert.equal(left.length, 27);
    assert.notEqual(find(keeper, 'id 99'), undefined);
    put(keeper, new FakeWorker(), 'x'.repeat(65));
    assert.equal(find(keeper, 'x'.repeat(65)), undefined);
  });

  it('do not hold the message that brought them', () => {
    const keeper = new SessionZoneKeeper();
    keeper.open([zone()]);
    const message = Buffer.from('id and session');
    const session = message.subarray(7);
    const worker = new FakeWorker();
    keeper.receive(worker, { kind: 'put-session', zone: ID, id: Buffer.from('a'), session, lifetimeS: 9, ask: 5 });
    assert.deepEqual(worker.heard, [{ kind: 'session', ask: 5, session: undefined }]);
    message.fill(0);
    assert.equal(find(keeper, 'a'), 'session');
  });

  it('outlive a configuration where zone and size stay', () => {
    const keeper = new SessionZoneKeeper();
    keeper.open([zone()]);
    put(keeper, new FakeWorker(), 'a', 1);
    keeper.open([zone(), zone(2 * BYTES)]);
    keeper.retain([{ sharedUses: [zone(2 * BYTES)] }, { sharedUses: [zone()] }]);
    assert.equal(find(keeper, 'a'), 'a');
    keeper.retain([{ sharedUses: [zone(2 * BYTES)] }]);
    keeper.open([zone()]);
    assert.equal(find(keeper, 'a'), undefined);
  });

  it('are forgotten by everybody', () => {
    const keeper = new SessionZoneKeeper();
    keeper.open([zone()]);
    const workers = [new FakeWorker(), new FakeWorker(), new FakeWorker()] as const;
    for (const worker of workers) keeper.join(worker);
    keeper.leave(workers[2]);
    put(keeper, workers[0], 'a');
    const message = { kind: 'forget-session', zone: ID, id: Buffer.from('a') } as const;
    keeper.receive(workers[0], message);
    assert.equal(find(keeper, 'a'), undefined);
    assert.deepEqual(
      workers.map(({ heard }) => heard.filter(({ kind }) => kind === 'forget-session')),
      [[], [message], []],
    );
  });
});

const names = (keys: TicketKeysById, id = ID): string[] => keys.get(id)?.map(({ name }) => name.toString('hex')) ?? [];

function mockTime(t: TestContext): void {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
}

describe('the ticket keys of all workers', () => {
  it('are the same ones for every worker, and after a reload', (t) => {
    mockTime(t);
    const keeper = new SessionZoneKeeper();
    const first = keeper.open([zone(BYTES, LIFETIME_S)]);
    assert.equal(names(first).length, 2);
    assert.deepEqual(names(keeper.open([zone(BYTES, LIFETIME_S)])), names(first));
    assert.notDeepEqual(names(keeper.open([zone(2 * BYTES, LIFETIME_S)]), `SSL:${2 * BYTES}`), names(first));
  });

  it('are not made where there are files of them', (t) => {
    mockTime(t);
    assert.equal(new SessionZoneKeeper().open([zone()]).size, 0);
  });

  it('are renewed every session timeout, and told to every worker', (t) => {
    mockTime(t);
    const keeper = new SessionZoneKeeper();
    const other: SharedUse = { id: '#0', limits: undefined, ticketLifetimeS: 10 * LIFETIME_S };
    const workers = [new FakeWorker(), new FakeWorker()];
    for (const worker of workers) keeper.join(worker);
    const [first, second] = names(keeper.open([zone(BYTES, LIFETIME_S), other]));
    t.mock.timers.tick(LIFETIME_S * 1000);
    assert.equal(workers[0]?.heard.length, 0);
    t.mock.timers.tick(1);
    const [message] = workers[0]?.heard ?? [];
    assert.ok(message?.kind === 'ticket-keys');
    assert.deepEqual([...message.keys.keys()], [ID]);
    const [now, next, old] = names(message.keys);
    assert.deepEqual([now, old], [second, first]);
    assert.ok(next !== first && next !== second);
    assert.deepEqual(workers[1]?.heard, [message]);
    assert.deepEqual(names(keeper.open([zone(BYTES, LIFETIME_S)])), names(message.keys));
    t.mock.timers.tick(LIFETIME_S * 1000 + 1);
    assert.equal(workers[0]?.heard.length, 2);
  });

  it('are told to every worker when a new one finds that they are due', (t) => {
    mockTime(t);
    const keeper = new SessionZoneKeeper();
    const worker = new FakeWorker();
    keeper.join(worker);
    const first = keeper.open([zone(BYTES, LIFETIME_S)]);
    t.mock.timers.setTime(LIFETIME_S * 500);
    const shorter = keeper.open([zone(BYTES, LIFETIME_S / 10)]);
    const [message] = worker.heard;
    assert.ok(message?.kind === 'ticket-keys');
    assert.deepEqual(names(shorter), names(message.keys));
    assert.equal(names(shorter)[0], names(first)[1]);
  });

  it('last for years where they are told to', (t) => {
    mockTime(t);
    const keeper = new SessionZoneKeeper();
    const worker = new FakeWorker();
    keeper.join(worker);
    const yearS = 365 * 86_400;
    keeper.open([zone(BYTES, yearS)]);
    t.mock.timers.tick(2 ** 31);
    assert.equal(worker.heard.length, 0);
  });

  it('are gone with what needs them', (t) => {
    mockTime(t);
    const keeper = new SessionZoneKeeper();
    const worker = new FakeWorker();
    keeper.join(worker);
    keeper.open([zone(BYTES, LIFETIME_S)]);
    keeper.retain([]);
    t.mock.timers.tick(10 * LIFETIME_S * 1000);
    assert.deepEqual(worker.heard, []);
  });
});
