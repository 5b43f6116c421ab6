import assert from 'node:assert/strict';
import test from 'node:test';
import { a, aaaa, bench, cname, Gate, PATIENCE_MS, ptr } from './bench.ts';

const PTR_NAME = '4.3.2.1.in-addr.arpa';
const NOT_FOUND = { ok: false, code: 3, text: 'Host not found' };

test('the PTR question of an IPv4 address gives the first name, in lower case', async (t) => {
  const { dns, resolver, lines } = await bench(t);
  dns.script(PTR_NAME, 'PTR', { answers: [ptr('Mail.Example'), ptr('other.example')] });
  assert.deepEqual(await resolver.resolveAddress('1.2.3.4', PATIENCE_MS), { ok: true, value: 'mail.example' });
  assert.deepEqual(dns.log(), [`udp PTR ${PTR_NAME}`]);
  assert.deepEqual(lines, []);
});

test('an IPv6 address, and an IPv4 address in IPv6 form, are asked for by nibbles', async (t) => {
  const { dns, resolver } = await bench(t);
  assert.deepEqual(await resolver.resolveAddress('2001:db8::1', PATIENCE_MS), NOT_FOUND);
  assert.deepEqual(await resolver.resolveAddress('::ffff:127.0.1.1', PATIENCE_MS), NOT_FOUND);
  assert.deepEqual(dns.log(), [
    'udp PTR 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
    'udp PTR 1.0.1.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa',
  ]);
});

test('a CNAME record before the PTR record is skipped, as in classless delegation', async (t) => {
  const { dns, resolver, lines } = await bench(t);
  dns.script(PTR_NAME, 'PTR', { answers: [cname('4.0-63.3.2.1.in-addr.arpa'), ptr('mail.example')] });
  assert.deepEqual(await resolver.resolveAddress('1.2.3.4', PATIENCE_MS), { ok: true, value: 'mail.example' });
  assert.deepEqual(lines, []);
});

test('A and AAAA are asked for at once, with different ids, and both answers count', async (t) => {
  const { dns, resolver } = await bench(t);
  dns.script('h.example', 'A', { answers: [a('1.2.3.4'), a('5.6.7.8', 60, 'unlike.example')] });
  dns.script('h.example', 'AAAA', { answers: [aaaa('2001:db8:0:0:0:0:0:1')] });
  const result = await resolver.resolveName('H.Example.', PATIENCE_MS);
  assert.deepEqual(result, { ok: true, value: ['1.2.3.4', '5.6.7.8', '2001:db8::1'] });
  assert.deepEqual(dns.log(), ['udp A h.example', 'udp AAAA h.example']);
  assert.notEqual(dns.queries[0]?.id, dns.queries[1]?.id);
});

test('ipv4=off and ipv6=off leave out one question', async (t) => {
  const four = await bench(t, { ipv6: false });
  four.dns.script('h.example', 'A', { answers: [a('1.2.3.4')] });
  assert.deepEqual(await four.resolver.resolveName('h.example', PATIENCE_MS), { ok: true, value: ['1.2.3.4'] });
  assert.deepEqual(four.dns.log(), ['udp A h.example']);

  const six = await bench(t, { ipv4: false });
  six.dns.script('h.example', 'AAAA', { answers: [aaaa('::1')] });
  assert.deepEqual(await six.resolver.resolveName('h.example', PATIENCE_MS), { ok: true, value: ['::1'] });
  assert.deepEqual(six.dns.log(), ['udp AAAA h.example']);
});

test('an empty answer for one family does no harm, for both it is an error', async (t) => {
  const { dns, resolver } = await bench(t);
  dns.script('six.example', 'A', {}).script('six.example', 'AAAA', { answers: [aaaa('::1')] });
  dns.script('none.example', 'A', {}).script('none.example', 'AAAA', {}).script(PTR_NAME, 'PTR', {});
  assert.deepEqual(await resolver.resolveName('six.example', PATIENCE_MS), { ok: true, value: ['::1'] });
  assert.deepEqual(await resolver.resolveName('none.example', PATIENCE_MS), NOT_FOUND);
  assert.deepEqual(await resolver.resolveAddress('1.2.3.4', PATIENCE_MS), NOT_FOUND);
});

for (const [code, text] of [
  [2, 'Server failure'],
  [3, 'Host not found'],
  [4, 'Unimplemented'],
  [5, 'Operation refused'],
] as const) {
  test(`RCODE ${code} ends a lookup, and fails a name though the other family has addresses`, async (t) => {
    const { dns, resolver, lines } = await bench(t);
    dns.script(PTR_NAME, 'PTR', { rcode: code, answers: [ptr('not.example')] });
    dns.script('a.example', 'A', { rcode: code }).script('a.example', 'AAAA', { answers: [aaaa('::1')] });
    dns.script('b.example', 'A', { answers: [a('1.2.3.4')] }).script('b.example', 'AAAA', { rcode: code });
    const expected = { ok: false, code, text };
    assert.deepEqual(await resolver.resolveAddress('1.2.3.4', PATIENCE_MS), expected);
    assert.deepEqual(await resolver.resolveName('a.example', PATIENCE_MS), expected);
    assert.deepEqual(await resolver.resolveName('b.example', PATIENCE_MS), expected);
    assert.deepEqual(lines, []);
  });
}

test('of two errors the one that comes later counts, and an empty answer hides none', async (t) => {
  const { dns, resolver } = await bench(t);
  const gate = new Gate();
  dns.script('h.example', 'A', { rcode: 5, after: gate.opened });
  dns.script('h.example', 'AAAA', () => {
    setImmediate(() => gate.open());
    return { rcode: 3 };
  });
  dns.script('e.example', 'A', { rcode: 2 }).script('e.example', 'AAAA', {});
  const later = await resolver.resolveName('h.example', PATIENCE_MS);
  assert.deepEqual(later, { ok: false, code: 5, text: 'Operation refused' });
  const empty = await resolver.resolveName('e.example', PATIENCE_MS);
  assert.deepEqual(empty, { ok: false, code: 2, text: 'Server failure' });
});

test('a CNAME without addresses is followed, also from the cache', async (t) => {
  const { dns, resolver } = await bench(t);
  for (const type of ['A', 'AAAA'] as const) dns.script('h.example', type, { answers: [cname('Real.Example')] });
  dns.script('real.example', 'A', { answers: [a('1.2.3.4')] }).script('real.example', 'AAAA', {});
  const asked = ['udp A h.example', 'udp AAAA h.example', 'udp A real.example', 'udp AAAA real.example'];
  for (let i = 0; i < 2; i++) {
    assert.deepEqual(await resolver.resolveName('h.example', PATIENCE_MS), { ok: true, value: ['1.2.3.4'] });
    assert.deepEqual(dns.log(), asked);
  }
});

test('addresses go before a CNAME of the other family, in either order', async (t) => {
  const { dns, resolver } = await bench(t);
  dns.script('x.example', 'A', { answers: [cname('away.example')] });
  dns.script('x.example', 'AAAA', { answers: [aaaa('::1')] });
  dns.script('y.example', 'A', { answers: [cname('away.example'), a('1.2.3.4')] });
  dns.script('y.example', 'AAAA', { answers: [cname('away.example')] });
  assert.deepEqual(await resolver.resolveName('x.example', PATIENCE_MS), { ok: true, value: ['::1'] });
  assert.deepEqual(await resolver.resolveName('y.example', PATIENCE_MS), { ok: true, value: ['1.2.3.4'] });
});

test('a CNAME chain ends after 50 steps, a loop without asking again', async (t) => {
  const { dns, resolver } = await bench(t, { ipv6: false });
  for (let i = 0; i < 51; i++) dns.script(`c${i}.example`, 'A', { answers: [cname(`c${i + 1}.example`)] });
  dns.script('c51.example', 'A', { answers: [a('1.2.3.4')] });
  dns.script('loop.example', 'A', { answers: [cname('loop.example', 0)] });
  assert.deepEqual(await resolver.resolveName('c0.example', PATIENCE_MS), NOT_FOUND);
  assert.deepEqual(await resolver.resolveName('c1.example', PATIENCE_MS), { ok: true, value: ['1.2.3.4'] });
  assert.deepEqual(await resolver.resolveName('loop.example', PATIENCE_MS), NOT_FOUND);
});

test('names that no query can carry are not found, and nothing is asked', async (t) => {
  const { dns, resolver } = await bench(t);
  const long = `${'a'.repeat(63)}.`.repeat(4);
  for (const name of ['', '.', 'a..b', '.a', `${'a'.repeat(64)}.example`, long]) {
    assert.deepEqual(await resolver.resolveName(name, PATIENCE_MS), NOT_FOUND, name);
  }
  assert.deepEqual(await resolver.resolveAddress('no address', PATIENCE_MS), NOT_FOUND);
  assert.deepEqual(dns.log(), []);
});

test('a CNAME to the root is not found', async (t) => {
  const { dns, resolver } = await bench(t, { ipv6: false });
  dns.script('h.example', 'A', { answers: [cname('.')] });
  assert.deepEqual(await resolver.resolveName('h.example', PATIENCE_MS), NOT_FOUND);
});

test('without an answer a lookup ends at its deadline', async (t) => {
  const { dns, resolver, lines } = await bench(t);
  dns.script(PTR_NAME, 'PTR', { drop: true });
  const expected = { ok: false, code: 110, text: 'Operation timed out' };
  assert.deepEqual(await resolver.resolveAddress('1.2.3.4', 10), expected);
  assert.deepEqual(lines, []);
});

test('an answer that comes after everybody left is kept for the next one', async (t) => {
  const { dns, resolver, lines } = await bench(t, { ipv6: false });
  const gate = new Gate();
  dns.script('h.example', 'A', { answers: [a('1.2.3.4')], after: gate.opened });
  assert.equal((await resolver.resolveName('h.example', 10)).ok, false);
  gate.open();
  assert.deepEqual(await resolver.resolveName('h.example', PATIENCE_MS), { ok: true, value: ['1.2.3.4'] });
  assert.deepEqual(dns.log(), ['udp A h.example']);
  assert.deepEqual(lines, []);
});

test('lookups of one name share a query, and one that is aborted harms no other', async (t) => {
  const { dns, resolver } = await bench(t, { ipv6: false });
  const gate = new Gate();
  const abort = new AbortController();
  dns.script('h.example', 'A', { answers: [a('1.2.3.4')], after: gate.opened });
  const first = resolver.resolveName('h.example', PATIENCE_MS, abort.signal);
  const second = resolver.resolveName('h.example', PATIENCE_MS);
  await dns.asked(1);
  abort.abort();
  assert.deepEqual(await first, { ok: false, code: 125, text: 'Operation canceled' });
  gate.open();
  assert.deepEqual(await second, { ok: true, value: ['1.2.3.4'] });
  assert.deepEqual(dns.log(), ['udp A h.example']);
});

test('an aborted signal ends a lookup before it begins, and close ends all', async (t) => {
  const { dns, resolver } = await bench(t);
  const canceled = { ok: false, code: 125, text: 'Operation canceled' };
  dns.script(PTR_NAME, 'PTR', { drop: true });
  const pending = resolver.resolveAddress('1.2.3.4', 0);
  await dns.asked(1);
  assert.deepEqual(await resolver.resolveAddress('1.2.3.4', 0, AbortSignal.abort()), canceled);
  resolver.close();
  assert.deepEqual(await pending, canceled);
  assert.deepEqual(await resolver.resolveName('h.example', 0), canceled);
});
