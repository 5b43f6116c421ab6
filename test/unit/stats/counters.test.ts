// Counters: each event has a number of its own, and what is added up stays in its place.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  activityOf,
  blocksSinceStart,
  count,
  GAUGES,
  NOW,
  RECEIVED,
  RELAYING,
  SENT,
  sumOfBlocks,
} from '../../../src/stats/block.ts';
import { BUCKET_MS, countOf, HISTOGRAM_SLOTS, histogramOf, observe } from '../../../src/stats/histogram.ts';
import { PeerCounters, PeerNumbers } from '../../../src/stats/peer-counters.ts';
import { StatsRegistry } from '../../../src/stats/registry.ts';
import {
  AUTH_FAILURES,
  BACKEND_FAILURES,
  LIMITS,
  LOGIN_METHODS,
  LOGIN_OUTCOMES,
  ServerCounters,
  ServerNumbers,
  TLS_FAILURES,
  TLS_VERSIONS,
} from '../../../src/stats/server-counters.ts';

describe('a histogram', () => {
  it('has what is as long as the end of a bucket in it, and what is longer in the next one', () => {
    const values = new Float64Array(HISTOGRAM_SLOTS + 2);
    for (const ms of [0, 1, 1.5, 2.5, 2.6, 60_000, 60_001]) observe(values, 1, ms);
    const histogram = histogramOf(values, 1);
    assert.deepEqual(histogram.counts.slice(0, 3), [2, 4, 5]);
    assert.deepEqual(histogram.counts.slice(-2), [6, 7]);
    assert.equal(countOf(histogram), 7);
    assert.equal(histogram.sumMs, 120_008.6);
    assert.deepEqual([values[0], values.at(-1)], [0, 0], 'nothing beside it');
    assert.deepEqual(
      [...BUCKET_MS],
      [...BUCKET_MS].sort((a, b) => a - b),
    );
  });
});

describe('the counters of a server', () => {
  it('are as many as there are events: none is in the place of another', () => {
    const events: ((counters: ServerCounters) => void)[] = [
      (c) => c.relays(),
      (c) => c.began(),
      (c) => c.cacheHit(),
      (c) => count(c.values, RECEIVED),
      (c) => count(c.values, SENT),
      ...LIMITS.map((limit) => (c: ServerCounters) => c.limited(limit)),
      ...TLS_FAILURES.map((why) => (c: ServerCounters) => c.tlsFailed(why)),
      ...TLS_VERSIONS.flatMap((version) => [true, false].map((is) => (c: ServerCounters) => c.secured(version, is))),
      ...LOGIN_METHODS.flatMap((m) => LOGIN_OUTCOMES.map((outcome) => (c: ServerCounters) => c.login(m, outcome))),
      ...AUTH_FAILURES.map((why) => (c: ServerCounters) => c.authFailed(why)),
      ...BACKEND_FAILURES.map((why) => (c: ServerCounters) => c.backendFailed(why)),
      ...[...BUCKET_MS, 70_000].flatMap((ms) => [
        (c: ServerCounters) => c.authTook(ms),
        (c: ServerCounters) => c.backendTook(ms),
      ]),
    ];
    const places = events.map((happens) => {
      const counters = new ServerCounters();
      happens(counters);
      return counters.values.lastIndexOf(1);
    });
    assert.ok(!places.slice(2).includes(-1));
    // Those that are also a number of now are told by that of since the start, which comes last.
    assert.equal(new Set(places).size, events.length);
  });

  it('are read as they were counted', () => {
    const counters = new ServerCounters();
    counters.began();
    counters.began();
    counters.ended();
    counters.relays();
    counters.limited('max_errors');
    counters.secured('TLSv1.3', true);
    counters.secured('TLSv9', false);
    counters.tlsFailed('certificate_missing');
    counters.login('apop', 'refused');
    counters.authFailed('other');
    counters.backendFailed('broken');
    counters.authTook(3);
    const numbers = new ServerNumbers(counters.values);
    assert.deepEqual([numbers.sessions, numbers.relays, numbers.connections], [1, 1, 2]);
    assert.deepEqual([numbers.limited('max_errors'), numbers.limited('access')], [1, 0]);
    assert.deepEqual([numbers.handshakes('TLSv1.3', true), numbers.handshakes('TLSv1.3', false)], [1, 0]);
    assert.equal(numbers.tlsFailures('certificate_missing'), 1);
    assert.deepEqual([numbers.logins('apop', 'refused'), numbers.logins('apop', 'ok')], [1, 0]);
    assert.deepEqual([numbers.authFailures('other'), numbers.authFailures('timeout')], [1, 0]);
    assert.equal(numbers.backendFailures('broken'), 1);
    assert.deepEqual([countOf(numbers.authTimes), countOf(numbers.backendTimes)], [1, 0]);
    counters.relayed();
    assert.equal(new ServerNumbers(counters.values).relays, 0);
  });
});

describe('the counters of a backend', () => {
  it('take back what was not asked of it', () => {
    const counters = new PeerCounters();
    counters.taken();
    counters.putBack();
    counters.taken();
    counters.failed(true);
    counters.released();
    counters.taken();
    counters.took(7);
    const { sessions, connections, fails, unavailable, loginTimes } = new PeerNumbers(counters.values);
    assert.deepEqual([sessions, connections, fails, unavailable, countOf(loginTimes)], [1, 2, 1, 1, 1]);
  });
});

describe('blocks', () => {
  const block = (...values: readonly number[]): Float64Array => Float64Array.from(values);

  it('are added up without being changed', () => {
    const a = new Map([['x', block(1, 1, 10)]]);
    const b = new Map([
      ['x', block(2, 2, 20)],
      ['y', block(3, 3, 30)],
    ]);
    const sum = sumOfBlocks(a, b);
    assert.deepEqual([...(sum.get('x') ?? [])], [3, 3, 30]);
    assert.deepEqual([...(sum.get('y') ?? [])], [3, 3, 30]);
    assert.deepEqual([...(a.get('x') ?? [])], [1, 1, 10]);
  });

  it('that have ended leave what was since the start, of a bounded number of names', () => {
    assert.ok(NOW < GAUGES && RELAYING < GAUGES);
    const ended = blocksSinceStart(new Map([['x', block(0, 0, 10)]]), new Map([['x', block(5, 5, 4)]]), 1);
    assert.deepEqual([...(ended.get('x') ?? [])], [0, 0, 14]);
    const many = new Map(Array.from({ length: 10_100 }, (_, i) => [`n${i}`, block(0, 0, 1)] as const));
    const kept = blocksSinceStart(many, new Map([['n0', block(0, 0, 1)]]), 1);
    assert.equal(kept.size, 10_000);
    assert.deepEqual([...(kept.get('n0') ?? [])], [0, 0, 2], 'what has just changed is not forgotten');
  });

  it('show activity by what is counted, not by what comes and goes', () => {
    const registry = new StatsRegistry();
    const counters = registry.server('a', 'imap');
    const before = activityOf(registry.blocks);
    counters.relays();
    assert.equal(activityOf(registry.blocks), before);
    counters.cacheHit();
    assert.notEqual(activityOf(registry.blocks), before);
  });

  it('are shared by servers of one name and protocol only', () => {
    const registry = new StatsRegistry();
    assert.equal(registry.server('a', 'imap'), registry.server('a', 'imap'));
    assert.notEqual(registry.server('a', 'imap'), registry.server('b', 'imap'));
    assert.equal(registry.zones.length, 2);
    registry.peer('p').taken();
    registry.dropPeer('p');
    assert.equal(registry.blocks.has('p'), false);
  });
});
