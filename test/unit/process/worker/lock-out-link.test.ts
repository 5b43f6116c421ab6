// Who is locked out, between a worker and its master: asked, too late, and when either is gone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_FAILURES } from '../../../../src/control/lock-out-table.ts';
import { inetAddress } from '../../../../src/core/address.ts';
import { LockOutKeeper } from '../../../../src/process/master/lock-out-keeper.ts';
import type { ToMaster, ToWorker } from '../../../../src/process/messages.ts';
import { ANSWER_MS, LockOutLink } from '../../../../src/process/worker/lock-out-link.ts';

const CLIENT = inetAddress(Uint8Array.of(192, 0, 2, 1), 1);

/** A worker whose messages arrive at once, unless they are kept back. */
class Worker {
  readonly link: LockOutLink;
  readonly #keeper: LockOutKeeper;
  /** undefined: they arrive. */
  kept: ToWorker[] | undefined;

  constructor(keeper: LockOutKeeper) {
    this.#keeper = keeper;
    this.link = new LockOutLink((message: ToMaster) => {
      if (message.kind === 'begin-try' || message.kind === 'end-try') keeper.receive(this, message);
    });
  }

  tell(message: ToWorker): void {
    if (this.kept !== undefined) this.kept.push(message);
    else if (message.kind === 'try') this.link.receive(message);
  }

  leave(): void {
    this.#keeper.leave(this);
  }

  async fails(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const end = await this.link.begin(CLIENT);
      assert.ok(end !== undefined);
      end('failed');
    }
  }
}

test('workers count together, and a worker that is gone leaves its count', async () => {
  const keeper = new LockOutKeeper();
  const [one, other] = [new Worker(keeper), new Worker(keeper)];
  await one.fails(MAX_FAILURES - 1);
  one.leave();
  await other.fails(1);
  assert.equal(await other.link.begin(CLIENT), undefined);
  assert.notEqual(await new Worker(keeper).link.begin({ kind: 'unix', path: '' }), undefined);
});

test('who waits too long is not listened to, and what comes later is given back', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const keeper = new LockOutKeeper();
  const [slow, other] = [new Worker(keeper), new Worker(keeper)];
  slow.kept = [];
  const begun = Array.from({ length: MAX_FAILURES }, () => slow.link.begin(CLIENT));
  const waiting = other.link.begin(CLIENT);
  t.mock.timers.tick(ANSWER_MS);
  assert.deepEqual(await Promise.all(begun), new Array(MAX_FAILURES).fill(undefined));
  assert.equal(await waiting, undefined);
  for (const message of slow.kept) if (message.kind === 'try') slow.link.receive(message);
  await other.fails(MAX_FAILURES);
  assert.equal(await other.link.begin(CLIENT), undefined);
});

test('without a master a worker counts for itself', async () => {
  const worker = new Worker(new LockOutKeeper());
  worker.kept = [];
  const begun = worker.link.begin(CLIENT);
  worker.link.lost();
  const end = await begun;
  assert.ok(end !== undefined);
  end('failed');
  await worker.fails(MAX_FAILURES - 1);
  assert.equal(await worker.link.begin(CLIENT), undefined);
});
