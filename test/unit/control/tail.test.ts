// The live tail of a process: what fits is remembered for a moment, the rest is counted, and nothing where nobody watches.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tail, type TailEvent, type TailOrder, WATCH_MS } from '../../../src/control/tail.ts';

const event = (atMs: number, more: Partial<TailEvent> = {}): TailEvent => ({
  what: 'begin',
  atMs,
  id: '1-1',
  why: '',
  protocol: 'imap',
  server: '',
  client: '192.0.2.1',
  user: '',
  state: 'commands',
  backend: '',
  ...more,
});

const order = (count: number | undefined, more: Partial<TailOrder> = {}): TailOrder => ({
  kind: 'tail',
  watcher: 'a',
  filters: [{}],
  seen: new Map(count === undefined ? [] : [[process.pid, count]]),
  ...more,
});

test('from the first order on, until a while after the last', () => {
  const tail = new Tail();
  assert.equal(tail.isWatched, false);
  const { pid, count, events } = tail.obey(order(undefined), 0);
  assert.deepEqual([pid, count, events], [process.pid, 0, []]);
  assert.equal(tail.isWatched, true);
  tail.add(event(WATCH_MS));
  assert.equal(tail.obey(order(0), WATCH_MS).events.length, 1);
  tail.add(event(2 * WATCH_MS + 1));
  assert.equal(tail.isWatched, false);
});

test('everybody hears what came since the last time', () => {
  const tail = new Tail();
  tail.obey(order(undefined), 0);
  tail.obey(order(undefined, { watcher: 'b' }), 0);
  tail.add(event(1, { id: '1-1' }));
  const first = tail.obey(order(0), 2);
  tail.add(event(3, { id: '1-2' }));
  const ids = (events: readonly TailEvent[]): string[] => events.map(({ id }) => id);
  assert.deepEqual(ids(first.events), ['1-1']);
  assert.deepEqual(ids(tail.obey(order(first.count), 4).events), ['1-2']);
  assert.deepEqual(ids(tail.obey(order(0, { watcher: 'b' }), 4).events), ['1-1', '1-2']);
});

test('what fits no filter is not counted', () => {
  const tail = new Tail();
  tail.obey(order(undefined, { filters: [{ user: 'jo' }, { client: '10.0.0.0/8' }] }), 0);
  tail.add(event(1, { user: 'ann' }));
  tail.add(event(1, { user: 'jo' }));
  tail.add(event(1, { client: '10.1.2.3' }));
  const { count, events } = tail.obey(order(0), 2);
  assert.deepEqual([count, events.length], [2, 2]);
});

test('a flood is counted, and takes no more room than its first part', () => {
  const tail = new Tail();
  tail.obey(order(undefined), 0);
  for (let i = 0; i < 1000; i++) tail.add(event(1));
  const first = tail.obey(order(0), 2);
  assert.deepEqual([first.count, first.events.length, first.missed], [1000, 200, 800]);
  for (let second = 1; second < 5; second++) for (let i = 0; i < 300; i++) tail.add(event(1 + second * 1000));
  const later = tail.obey(order(first.count), 4002);
  assert.equal(later.events.length + later.missed, 1200);
  assert.ok(later.events.length <= 400);
});

test('a flood leaves room for what another filter wants', () => {
  const tail = new Tail();
  const filters = [{}, { user: 'jo' }];
  tail.obey(order(undefined, { filters }), 0);
  for (let i = 0; i < 1000; i++) tail.add(event(1));
  tail.add(event(2, { user: 'jo' }));
  const { count, events } = tail.obey(order(0, { filters }), 3);
  assert.deepEqual([count, events.length, events.at(-1)?.user], [1001, 201, 'jo']);
  tail.add(event(4));
  assert.equal(tail.obey(order(count, { filters }), 5).events.length, 0, 'who asks more often gets no more');
});

test('long text is cut', () => {
  const tail = new Tail();
  tail.obey(order(undefined), 0);
  tail.add(event(1, { user: 'x'.repeat(65_536), why: 'y'.repeat(65_536) }));
  const [found] = tail.obey(order(0), 2).events;
  assert.ok((found?.user.length ?? 0) + (found?.why.length ?? 0) < 2100);
});

test('so many may watch', () => {
  const tail = new Tail();
  for (let i = 0; i < 100; i++) tail.obey(order(undefined, { watcher: String(i), filters: [{ user: String(i) }] }), 0);
  for (let i = 0; i < 100; i++) tail.add(event(1, { user: String(i) }));
  assert.equal(tail.obey(order(0, { watcher: '0' }), 2).count, 64);
});
