// What it takes a worker to answer questions about 50,000 sessions, and for how long it does nothing else meanwhile.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PageOrder } from '../../src/control/local.ts';
import { type SessionFilter, SessionMatcher } from '../../src/control/session-view.ts';
import { type ListedFlow, SessionDirectory } from '../../src/mail/session-directory.ts';
import { fakeFlow } from '../support/fake-flow.ts';

const CROWD = 50_000;
const PAGE: PageOrder = { after: undefined, limit: 100 };

function crowded(): SessionDirectory {
  const flows = new Set<ListedFlow>();
  const directory = new SessionDirectory(flows);
  for (let i = 0; i < CROWD; i++) {
    const client = `10.${i >> 16}.${(i >> 8) & 0xff}.${i & 0xff}`;
    const flow = fakeFlow({ connection: i + 1, user: `user${i}@example.org`, client });
    flows.add(flow);
    directory.began(flow);
  }
  return directory;
}

/** The longest time between two turns of everything else, in milliseconds. */
class Stalls {
  #longest = 0;
  #last = performance.now();
  #isOver = false;

  constructor() {
    this.#turn();
  }

  end(): number {
    this.#isOver = true;
    return this.#longest;
  }

  #turn(): void {
    const now = performance.now();
    this.#longest = Math.max(this.#longest, now - this.#last);
    this.#last = now;
    if (!this.#isOver) setImmediate(() => this.#turn());
  }
}

const QUESTIONS: readonly (readonly [name: string, count: number, filter: SessionFilter, page: PageOrder])[] = [
  ['a page of 100', CROWD, {}, PAGE],
  ['a page of 1000', CROWD, {}, { ...PAGE, limit: 1000 }],
  ['the newest first', CROWD, {}, { ...PAGE, isNewestFirst: true }],
  ['the last page', CROWD, {}, { ...PAGE, after: { sinceMs: Date.now() + 3_600_000, connection: 0 } }],
  ['by user', 1, { user: `user${CROWD - 1}@example.org` }, PAGE],
  ['by network', CROWD, { client: '10.0.0.0/8' }, PAGE],
  ['by address', 1, { client: '10.0.3.7' }, PAGE],
  ['by id', 1, { id: `${process.pid}-${CROWD}` }, PAGE],
  ['idle for an hour', 0, { idleMs: 3_600_000 }, PAGE],
];

test(`questions about ${CROWD} sessions`, async (t) => {
  const directory = crowded();
  for (const [name, count, filter, page] of [...QUESTIONS, ...QUESTIONS]) {
    const stalls = new Stalls();
    const startMs = performance.now();
    const before = process.cpuUsage();
    const found = await directory.list(new SessionMatcher(filter), page);
    const { user, system } = process.cpuUsage(before);
    const ms = performance.now() - startMs;
    assert.equal(found.count, count, name);
    const stall = stalls.end().toFixed(1);
    t.diagnostic(`${name}: ${ms.toFixed(1)} ms, CPU ${((user + system) / 1000).toFixed(1)} ms, stall ${stall} ms`);
  }
  const stalls = new Stalls();
  const startMs = performance.now();
  const all = await Promise.all(
    Array.from({ length: 10 }, () => directory.list(new SessionMatcher({ client: '10.0.0.0/8' }), PAGE)),
  );
  const answered = all.filter(({ count }) => count === CROWD).length;
  const ms = (performance.now() - startMs).toFixed(1);
  t.diagnostic(`10 by network at once: ${ms} ms, ${answered} answered, stall ${stalls.end().toFixed(1)} ms`);
  assert.ok(answered > 0);
});
