// Connection numbers: each is given once, and nobody waits for one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLOCK, NumberDealer, Numbers } from '../../../src/process/numbers.ts';

interface Worker {
  next(): number;
  /** How often it asked for more. */
  readonly asked: () => number;
}

/** A worker of the dealer, which answers when the worker has gone on by so many numbers. */
function worker(dealer: NumberDealer, delay = 0): Worker {
  let asked = 0;
  let given = 0;
  const due: number[] = [];
  const numbers = new Numbers(() => {
    asked++;
    due.push(given + delay);
  }, 1);
  numbers.add(dealer.deal());
  const next = (): number => {
    while ((due[0] ?? Number.POSITIVE_INFINITY) <= given) {
      due.shift();
      numbers.add(dealer.deal());
    }
    given++;
    return numbers.next();
  };
  return { next, asked: () => asked };
}

test('the first worker counts from 1', () => {
  const one = worker(new NumberDealer());
  assert.deepEqual([one.next(), one.next(), one.next()], [1, 2, 3]);
});

test('no two workers give the same number, and none is asked for every time', () => {
  const dealer = new NumberDealer();
  const workers = [worker(dealer), worker(dealer, 1), worker(dealer, BLOCK - 1)];
  const given = new Set<number>();
  for (let i = 0; i < 5 * BLOCK; i++) for (const one of workers) given.add(one.next());
  assert.equal(given.size, 15 * BLOCK);
  for (const { asked } of workers) assert.ok(asked() <= 7, `${asked()}`);
});

test('where the master is gone the numbers go on, and those of no two workers meet', () => {
  const workers = [new Numbers(() => {}, 7), new Numbers(() => {}, 4_194_304)];
  const given: number[] = [];
  for (const [i, numbers] of workers.entries()) {
    numbers.add(1 + i * BLOCK);
    for (let n = 0; n < 3 * BLOCK; n++) given.push(numbers.next());
  }
  assert.equal(new Set(given).size, 6 * BLOCK);
  assert.deepEqual([given[BLOCK - 1], given[BLOCK]], [BLOCK, 7_000_000_001]);
  assert.ok(given.every(Number.isSafeInteger));
});

test('when the master answers late, its numbers are used again', () => {
  let asked = 0;
  const numbers = new Numbers(() => void asked++, 7);
  numbers.add(1);
  for (let n = 0; n < 2 * BLOCK; n++) numbers.next();
  assert.equal(asked, 1, 'one question is enough');
  numbers.add(65);
  assert.deepEqual([numbers.next(), asked], [65, 2]);
});
