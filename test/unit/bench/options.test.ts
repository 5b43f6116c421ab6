// The command line of the benchmark, and whose turn it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from '../../bench/options.ts';
import { inRounds } from '../../bench/rounds.ts';

test('quick does less of everything', () => {
  const [full, quick] = [readOptions([]).sizes, readOptions(['--quick']).sizes];
  for (const [name, size] of Object.entries(quick)) {
    assert.ok(size < (Object.entries(full).find(([other]) => other === name)?.[1] ?? 0), name);
  }
});

test('rounds are as many as asked for, and never more of what takes long', () => {
  const { sizes } = readOptions(['--rounds', '20']);
  assert.equal(sizes.rounds, 20);
  assert.equal(sizes.memoryRounds, readOptions([]).sizes.memoryRounds);
  assert.equal(sizes.sharedRounds, readOptions([]).sizes.sharedRounds);
  assert.deepEqual(
    [readOptions(['--rounds', '1']).sizes].map(({ rounds, sharedRounds, memoryRounds, reloadRounds }) => [
      rounds,
      sharedRounds,
      memoryRounds,
      reloadRounds,
    ]),
    [[1, 1, 1, 1]],
  );
});

test('several rows may be asked for', () => {
  assert.deepEqual(readOptions(['--only', 'login', '--only', 'idle']).only, ['login', 'idle']);
});

test('what is no number of rounds, or no option, is refused', () => {
  for (const args of [['--rounds', '0'], ['--rounds', 'x'], ['--rounds', '1.5'], ['--fast'], ['login']]) {
    assert.throws(() => readOptions(args), args.join(' '));
  }
});

test('contestants take turns, and who was last begins', async () => {
  const turns: string[] = [];
  await inRounds(3, ['a', 'b'], async (name) => void turns.push(name));
  assert.deepEqual(turns, ['a', 'b', 'b', 'a', 'a', 'b']);
});
