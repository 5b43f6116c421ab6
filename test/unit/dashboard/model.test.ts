// What the page knows, made of the messages that came.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Model } from '../../../src/dashboard/model.ts';
import { TAIL_LENGTH } from '../../../src/dashboard/tail.ts';
import type { SessionsPage, Tail } from '../../../src/http/dashboard/messages.ts';
import { Scene } from '../../support/dashboard-scene.ts';

const START = 1_800_000_000_000;
const scene = new Scene({ sessions: 500, startedMs: START });

const page = (question: number): SessionsPage => ({ kind: 'sessions', question, sessions: [], total: question });

test('the answer to an older question is not shown', () => {
  const model = new Model();
  const first = model.ask({}, 50, undefined, true);
  const second = model.ask({ user: 'anna' }, 50, undefined, true);
  assert.equal(model.receive(page(second.question), 0), 'sessions');
  assert.equal(model.receive(page(first.question), 0), undefined);
  assert.equal(model.page?.total, second.question);
});

test('a second hello fills the gap, and says when the server is another one', () => {
  const model = new Model();
  model.receive({ ...scene.hello(START), history: [scene.sample(START - 5000)] }, 0);
  model.receive(scene.now(START), 0);
  assert.ok(!model.isOutdated);
  model.receive({ ...scene.hello(START), version: '9', history: [scene.sample(START + 60_000)] }, 60_000);
  assert.ok(model.isOutdated);
  assert.deepEqual(
    model.history.map(({ atMs }) => atMs - START),
    [-5000, 0, 60_000],
  );
});

test('silence makes what is shown old, and the clock of the server goes on', () => {
  const model = new Model();
  model.receive(scene.hello(START), 1000);
  model.receive(scene.now(START), 1000);
  assert.ok(!model.isStale(4000));
  assert.ok(model.isStale(4001));
  assert.equal(model.serverMs(3000), START + 2000);
});

test('a message of a later version is none', () => {
  const model = new Model();
  assert.equal(model.receive(JSON.parse('{"kind":"later"}'), 0), undefined);
});

test('the tail keeps the latest, and counts what nobody saw', () => {
  const model = new Model();
  const [event] = scene.tail(START, 1).events;
  assert.ok(event !== undefined);
  const tail = (many: number, leftOut: number): Tail => ({
    kind: 'events',
    events: Array.from({ length: many }, (_, index) => ({ ...event, id: `1-${index}` })),
    leftOut,
  });
  model.receive(tail(3, 2), 0);
  assert.deepEqual(
    model.tail.entries.map(({ event: { id } }) => id),
    ['1-2', '1-1', '1-0'],
  );
  model.receive(tail(TAIL_LENGTH + 50, 7), 0);
  assert.equal(model.tail.entries.length, TAIL_LENGTH);
  assert.equal(model.tail.entries[0]?.event.id, `1-${TAIL_LENGTH + 49}`);
  assert.equal(model.tail.leftOut, 2 + 50 + 7);
  const sequences = new Set(model.tail.entries.map(({ sequence }) => sequence));
  assert.equal(sequences.size, TAIL_LENGTH);
});
