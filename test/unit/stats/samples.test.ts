// The history: sessions as they are, logins by the second, and no more of it than an hour.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatsRegistry } from '../../../src/stats/registry.ts';
import { SAMPLE_MS, Samples } from '../../../src/stats/samples.ts';

test('by protocol, and rates between two samples', () => {
  const registry = new StatsRegistry();
  const [imap, other, smtp] = [
    registry.server('a', 'imap'),
    registry.server('b', 'imap'),
    registry.server('a', 'smtp'),
  ];
  registry.peer('peer\0group\0server\0address').taken();
  const samples = new Samples();
  samples.take(registry.blocks, 0);
  for (const server of [imap, other, smtp, smtp]) server.began();
  for (let i = 0; i < 10; i++) imap.login('plain', 'ok');
  smtp.login('login', 'refused');
  other.login('none', 'error');
  samples.take(registry.blocks, 5000);
  smtp.ended();
  samples.take(registry.blocks, 10_000);
  assert.deepEqual(samples.all, [
    { atMs: 0, sessions: { imap: 0, smtp: 0 }, ok: 0, refused: 0, error: 0 },
    { atMs: 5000, sessions: { imap: 2, smtp: 2 }, ok: 2, refused: 0.2, error: 0.2 },
    { atMs: 10_000, sessions: { imap: 2, smtp: 1 }, ok: 0, refused: 0, error: 0 },
  ]);
});

test('an hour of them', () => {
  const samples = new Samples();
  for (let i = 0; i < 1000; i++) samples.take(new Map(), i * SAMPLE_MS);
  assert.equal(samples.all.length, 720);
  assert.equal(samples.all.at(-1)?.atMs, 999 * SAMPLE_MS);
});

test('a clock that is set back', () => {
  const registry = new StatsRegistry();
  const samples = new Samples();
  const server = registry.server('a', 'imap');
  for (const atMs of [0, 5000, 10_000]) samples.take(registry.blocks, atMs);
  server.login('plain', 'ok');
  samples.take(registry.blocks, 7000);
  assert.deepEqual(
    samples.all.map(({ atMs, ok }) => [atMs, ok]),
    [
      [0, 0],
      [5000, 0],
      [7000, 0],
    ],
  );
});
