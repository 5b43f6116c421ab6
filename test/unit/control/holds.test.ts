// Users held: so many, for so long, and so many of their logins wait.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Holds, MAX_HELD, MAX_HOLD_MS, MAX_WAITING } from '../../../src/control/holds.ts';
import { mergeAnswers, NO_ANSWER } from '../../../src/control/order.ts';
import { SessionMatcher } from '../../../src/control/session-view.ts';

const none = (): void => undefined;

test('only so many logins wait, and one that is gone makes room for another', () => {
  const holds = new Holds();
  holds.hold('me', 60_000, 0);
  holds.hold('you', 60_000, 0);
  const leave = holds.wait('me', none);
  for (let i = 1; i < MAX_WAITING; i++)
    assert.equal(typeof holds.wait(i % 2 === 0 ? 'me' : 'you', () => none()), 'function');
  assert.equal(holds.wait('me', none), 'full');
  assert.equal(holds.wait('somebody else', none), 'free');
  assert.ok(typeof leave === 'function');
  leave();
  leave();
  assert.equal(typeof holds.wait('you', none), 'function');
  assert.equal(holds.wait('you', none), 'full');
  holds.hold('me', 0, 0);
  assert.equal(holds.waiting.get('me'), undefined);
  assert.equal(typeof holds.wait('you', none), 'function');
  holds.hold('you', 0, 0);
  assert.ok(holds.isEmpty);
});

test('only so many users are held, and one that is held may be for longer', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const holds = new Holds();
  for (let i = 0; i < MAX_HELD; i++) assert.ok(holds.hold(`u${i}`, 1000, 0));
  assert.equal(holds.hold('one more', 1000, 0), false);
  assert.ok(holds.hold('u0', 5000, 0));
  t.mock.timers.tick(1000);
  assert.deepEqual([...holds.held], [['u0', 5000]]);
});

test('no hold is for longer than the longest, whatever a clock says', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const holds = new Holds();
  let isFree = false;
  holds.hold('me', Number.MAX_SAFE_INTEGER, 0);
  holds.wait('me', () => {
    isFree = true;
  });
  t.mock.timers.tick(MAX_HOLD_MS - 1);
  assert.equal(isFree, false);
  t.mock.timers.tick(1);
  assert.ok(isFree);
});

test('of several processes the latest end of a hold counts, and their logins that wait together', () => {
  const answer = (untilMs: number, waits: number) => ({
    ...NO_ANSWER,
    held: new Map([['me', untilMs]]),
    waiting: new Map([['me', waits]]),
  });
  for (const answers of [
    [answer(1, 2), answer(5, 3)],
    [answer(5, 3), answer(1, 2)],
  ]) {
    const { held, waiting } = mergeAnswers({ kind: 'list-waiting' }, answers);
    assert.deepEqual([held.get('me'), waiting.get('me')], [5, 5]);
  }
});

test('a filter for clients of unix sockets is for these alone', () => {
  const session = { id: '1-1', protocol: 'imap', server: '', user: '', state: 'commands', backend: '' } as const;
  const matches = (filter: string, client: string): boolean =>
    new SessionMatcher({ client: filter }).matches({ ...session, client });
  assert.deepEqual(
    ['unix:', '127.0.0.1', '::1'].map((client) => matches('unix:', client)),
    [true, false, false],
  );
  assert.deepEqual(
    ['unix:', '127.0.0.1', '::1'].map((client) => matches('0.0.0.0/0', client)),
    [false, true, false],
  );
});
