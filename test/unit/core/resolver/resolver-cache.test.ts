import assert from 'node:assert/strict';
import test from 'node:test';
import { a, aaaa, bench, cname, PATIENCE_MS, ptr } from './bench.ts';

const START_MS = 1_000_000_500;

test('an answer is kept for the least TTL of its records, to the end of that second', async (t) => {
  let now = START_MS;
  const { dns, resolver } = await bench(t, { now: () => now });
  dns.script('h.example', 'A', { answers: [cname('real.example', 9), a('1.2.3.4', 20)] });
  dns.script('h.example', 'AAAA', { answers: [aaaa('::1', 5)] });
  const asked = async (afterMs: number): Promise<number> => {
    now = START_MS + afterMs;
    assert.equal((await resolver.resolveName('h.example', PATIENCE_MS)).ok, true);
    return dns.queries.length;
  };
  assert.equal(await asked(0), 2);
  assert.equal(await asked(5499), 2);
  assert.equal(await asked(5500), 4);
});

test('for a PTR answer only the TTL of the PTR record counts', async (t) => {
  let now = START_MS;
  const { dns, resolver } = await bench(t, { now: () => now });
  dns.script('4.3.2.1.in-addr.arpa', 'PTR', {
    answers: [cname('x.example', 1), ptr('m.example', 60), ptr('n.example', 1)],
  });
  await resolver.resolveAddress('1.2.3.4', PATIENCE_MS);
  now += 60_000;
  assert.deepEqual(await resolver.resolveAddress('1.2.3.4', PATIENCE_MS), { ok: true, value: 'm.example' });
  assert.equal(dns.queries.length, 1);
});

for (const ttl of [0, 0x80000001]) {
  test(`TTL ${ttl} holds to the end of the current second`, async (t) => {
    let now = START_MS;
    const { dns, resolver } = await bench(t, { ipv6: false, now: () => now });
    dns.script('h.example', 'A', { answers: [a('1.2.3.4', ttl)] });
    for (const [ms, queries] of [
      [0, 1],
      [499, 1],
      [500, 2],
    ] as const) {
      now = START_MS + ms;
      assert.equal((await resolver.resolveName('h.example', PATIENCE_MS)).ok, true);
      assert.equal(dns.queries.length, queries);
    }
  });
}

test('valid= takes the place of the TTL in both directions', async (t) => {
  for (const [ttl, afterMs, queries] of [
    [1, 10_000, 1],
    [3600, 11_000, 2],
  ] as const) {
    let now = START_MS;
    const { dns, resolver } = await bench(t, { ipv6: false, validMs: 10_000, now: () => now });
    dns.script('h.example', 'A', { answers: [a('1.2.3.4', ttl)] });
    await resolver.resolveName('h.example', PATIENCE_MS);
    now += afterMs;
    await resolver.resolveName('h.example', PATIENCE_MS);
    assert.equal(dns.queries.length, queries);
  }
});

test('errors are not kept', async (t) => {
  const { dns, resolver } = await bench(t, { ipv6: false });
  dns.script('h.example', 'A', { rcode: 3 });
  assert.equal((await resolver.resolveName('h.example', PATIENCE_MS)).ok, false);
  dns.script('h.example', 'A', { answers: [a('1.2.3.4')] });
  assert.equal((await resolver.resolveName('h.example', PATIENCE_MS)).ok, true);
});

test('addresses from the cache begin at any of them and keep their order', async (t) => {
  const { dns, resolver } = await bench(t, { ipv6: false });
  const addresses = ['1.1.1.1', '2.2.2.2', '3.3.3.3'];
  dns.script('h.example', 'A', { answers: addresses.map((address) => a(address)) });
  const first = await resolver.resolveName('h.example', PATIENCE_MS);
  assert.deepEqual(first, { ok: true, value: addresses });
  const rotations = ['1.1.1.1 2.2.2.2 3.3.3.3', '2.2.2.2 3.3.3.3 1.1.1.1', '3.3.3.3 1.1.1.1 2.2.2.2'];
  const seen = new Set<string>();
  while (seen.size < 3) {
    const result = await resolver.resolveName('h.example', PATIENCE_MS);
    const order = result.ok ? result.value.join(' ') : result.text;
    assert.ok(rotations.includes(order), order);
    seen.add(order);
  }
  assert.equal(dns.queries.length, 1);
});

test('an answer with very many addresses is used and not kept', async (t) => {
  const { dns, resolver } = await bench(t, { ipv6: false });
  const answers = Array.from({ length: 33 }, (_, i) => a(`10.0.0.${i}`));
  dns.script('h.example', 'A', { answers });
  for (let i = 1; i <= 2; i++) {
    const result = await resolver.resolveName('h.example', PATIENCE_MS);
    assert.equal(result.ok && result.value.length, 33);
    assert.equal(dns.queries.length, i);
  }
});
