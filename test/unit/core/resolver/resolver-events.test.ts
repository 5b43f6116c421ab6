// What a resolver tells of its questions to who counts them.
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { ResolverEvents } from '../../../../src/core/resolver/resolver.ts';
import { a, aaaa, type Bench, type BenchOptions, bench, cname, Gate, PATIENCE_MS, ptr } from './bench.ts';

const PTR_NAME = '4.3.2.1.in-addr.arpa';

async function told(
  t: TestContext,
  options: BenchOptions = {},
): Promise<Bench & { readonly events: readonly string[] }> {
  const events: string[] = [];
  const listener: ResolverEvents = {
    requested: (what) => events.push(`? ${what}`),
    answered: (code) => events.push(`! ${code}`),
    timedOut: () => events.push('! none'),
  };
  return Object.assign(await bench(t, { ...options, events: listener }), { events });
}

test('both questions for a name are one request with one answer, and the cache asks nobody', async (t) => {
  const { dns, resolver, events } = await told(t);
  dns.script('h.example', 'A', { answers: [a('1.2.3.4')] }).script('h.example', 'AAAA', { answers: [aaaa('::1')] });
  await Promise.all([resolver.resolveName('h.example', PATIENCE_MS), resolver.resolveName('h.example', PATIENCE_MS)]);
  await resolver.resolveName('h.example', PATIENCE_MS);
  assert.deepEqual(events, ['? name', '! 0']);
});

test('a CNAME is a request of its own, and an address one of another kind', async (t) => {
  const { dns, resolver, events } = await told(t, { ipv6: false });
  dns.script('h.example', 'A', { answers: [cname('other.example')] });
  dns.script('other.example', 'A', { answers: [a('1.2.3.4')] });
  dns.script(PTR_NAME, 'PTR', { answers: [ptr('mail.example')] });
  await resolver.resolveName('h.example', PATIENCE_MS);
  await resolver.resolveAddress('1.2.3.4', PATIENCE_MS);
  assert.deepEqual(events, ['? name', '! 0', '? name', '! 0', '? addr', '! 0']);
});

test('the code is that of the answer: an empty one is no error', async (t) => {
  const { dns, resolver, events } = await told(t);
  dns.script('none.example', 'A', {}).script('none.example', 'AAAA', {});
  for (const rcode of [2, 3, 4, 5]) {
    dns.script(`r${rcode}.example`, 'A', { rcode }).script(`r${rcode}.example`, 'AAAA', {});
    await resolver.resolveName(`r${rcode}.example`, PATIENCE_MS);
  }
  await resolver.resolveName('none.example', PATIENCE_MS);
  const answers = events.filter((event) => event.startsWith('!'));
  assert.deepEqual(answers, ['! 2', '! 3', '! 4', '! 5', '! 0']);
});

test('no answer in time counts once, and what is said too late not at all', async (t) => {
  const { dns, resolver, events, lines } = await told(t, { ipv6: false });
  const gate = new Gate();
  dns.script('late.example', 'A', { answers: [a('1.2.3.4')], after: gate.opened });
  await Promise.all([resolver.resolveName('late.example', 1), resolver.resolveName('late.example', 2)]);
  assert.deepEqual(events, ['? name', '! none']);
  const patient = resolver.resolveName('late.example', PATIENCE_MS);
  gate.open();
  assert.deepEqual(await patient, { ok: true, value: ['1.2.3.4'] });
  assert.deepEqual([events, lines], [['? name', '! none'], []]);
});

test('codes that say nothing about the name are counted where they answer a question', async (t) => {
  const bench = await told(t, { ipv6: false });
  const { dns, resolver, events } = bench;
  dns.script('broken.example', 'A', { rcode: 1 }).script('odd.example', 'A', { rcode: 9 });
  dns.script('forged.example', 'A', (query) => ({ rcode: 9, id: query.id ^ 1 }));
  for (const [i, name] of ['broken', 'odd', 'forged'].entries()) {
    const controller = new AbortController();
    const lookup = resolver.resolveName(`${name}.example`, PATIENCE_MS, controller.signal);
    await bench.count(i + 1);
    controller.abort();
    await lookup;
  }
  assert.deepEqual(events, ['? name', '! 1', '? name', '! 9', '? name']);
});

test('who closes has asked, and heard nothing', async (t) => {
  const { dns, resolver, events } = await told(t, { ipv6: false });
  dns.script('h.example', 'A', { drop: true });
  const lookup = resolver.resolveName('h.example', PATIENCE_MS);
  await dns.asked(1);
  resolver.close();
  await lookup;
  assert.deepEqual(events, ['? name']);
});
