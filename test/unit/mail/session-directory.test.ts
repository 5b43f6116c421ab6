// The directory of sessions: what a question finds, in which order, page by page, and what is ended.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SessionFilter, SessionMatcher, type SessionState } from '../../../src/control/session-view.ts';
import { type ListedFlow, SessionDirectory } from '../../../src/mail/session-directory.ts';
import { fakeFlow } from '../../support/fake-flow.ts';

interface Crowd {
  readonly directory: SessionDirectory;
  readonly kicked: number[];
}

const STATES: readonly SessionState[] = ['commands', 'relay'];

function crowd(count: number): Crowd {
  const kicked: number[] = [];
  const all = Array.from({ length: count }, (_, i) =>
    fakeFlow({
      connection: i + 1,
      user: `user${i}`,
      client: `192.0.2.${i}`,
      zone: i < 3 ? 'front' : 'back',
      state: STATES[i % 2] ?? 'relay',
      silentMs: i * 1000,
      onKick: () => kicked.push(i + 1),
    }),
  );
  const directory = new SessionDirectory(new Set(all));
  for (const flow of all) directory.began(flow);
  return { directory, kicked };
}

const found = async ({ directory }: Crowd, filter: SessionFilter): Promise<readonly number[]> => {
  const { sessions, count } = await directory.list(new SessionMatcher(filter), { after: undefined, limit: 100 });
  assert.equal(sessions.length, count);
  return sessions.map(({ connection }) => connection);
};

test('filters, one by one and together', async () => {
  const all = crowd(10);
  assert.deepEqual(await found(all, { zone: 'front' }), [1, 2, 3]);
  assert.deepEqual(await found(all, { zone: 'none' }), []);
  assert.deepEqual(await found(all, { user: 'user4' }), [5]);
  assert.deepEqual(await found(all, { client: '192.0.2.8/31' }), [9, 10]);
  assert.deepEqual(await found(all, { state: 'relay', zone: 'back' }), [4, 6, 8, 10]);
  assert.deepEqual(await found(all, { id: `${process.pid}-7` }), [7]);
  assert.deepEqual(
    await found(all, { server: '0.0.0.0:143', protocol: 'imap', backend: '10.0.0.1:143' }),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
});

test('idle is a relay whose client is silent so long; what has not logged in is active at no time', async () => {
  const all = crowd(10);
  // Those of an even number relay, and are silent since 1, 3, 5, 7 and 9 seconds.
  assert.deepEqual(await found(all, { idleMs: 4500 }), [6, 8, 10]);
  const { sessions } = await all.directory.list(new SessionMatcher({}), { after: undefined, limit: 2 });
  assert.deepEqual(
    sessions.map(({ idleMs = 0, zone }) => [idleMs >= 1000, zone]),
    [
      [false, 'front'],
      [true, 'front'],
    ],
  );
});

test('pages, the oldest or the newest first, of those that are there', async () => {
  const all = crowd(10);
  for (const isNewestFirst of [false, true]) {
    const seen: number[] = [];
    for (let after: { sinceMs: number; connection: number } | undefined; ; ) {
      const page = await all.directory.list(new SessionMatcher({}), { after, limit: 4, isNewestFirst });
      assert.equal(page.count, 10);
      seen.push(...page.sessions.map(({ connection }) => connection));
      after = page.sessions.at(-1);
      if (after === undefined) break;
    }
    const expected = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    assert.deepEqual(seen, isNewestFirst ? expected.reverse() : expected);
  }
});

test('a clock that is set back changes no order', async () => {
  const flows = [3000, 1000, 4000].map((startedMs, i) =>
    fakeFlow({ connection: i + 1, user: '', client: '192.0.2.1', startedMs }),
  );
  const directory = new SessionDirectory(new Set(flows));
  for (const flow of flows) directory.began(flow);
  const { sessions } = await directory.list(new SessionMatcher({}), { after: undefined, limit: 3 });
  assert.deepEqual(
    sessions.map(({ sinceMs }) => sinceMs),
    [3000, 3000, 4000],
  );
  const rest = await directory.list(new SessionMatcher({}), { after: sessions[0], limit: 3 });
  assert.deepEqual(
    rest.sessions.map(({ connection }) => connection),
    [2, 3],
  );
});

test('what fits is ended before the next question is answered', async () => {
  const all = crowd(10);
  assert.equal(await all.directory.end(new SessionMatcher({ zone: 'front' })), 3);
  await found(all, {});
  assert.deepEqual(all.kicked, [1, 2, 3]);
});

test('what has ended by itself meanwhile is left alone', async () => {
  const flows = new Set<ListedFlow>();
  const directory = new SessionDirectory(flows);
  const kicked: string[] = [];
  const fake = (connection: number, onKick: () => void): ListedFlow =>
    fakeFlow({ connection, user: '', client: '192.0.2.1', onKick });
  const other = fake(2, () => kicked.push('other'));
  const one = fake(1, () => {
    kicked.push('one');
    flows.delete(other);
  });
  for (const flow of [one, other]) flows.add(flow);
  await directory.end(new SessionMatcher({}));
  const { count } = await directory.list(new SessionMatcher({}), { after: undefined, limit: 1 });
  assert.deepEqual([kicked, count], [['one'], 1]);
});
