import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test, { type TestContext } from 'node:test';
import { Resolver } from '../../../../src/core/resolver/resolver.ts';
import type { FakeDns, FakeQuery, Reply } from '../../../support/fake-dns.ts';
import { a, bench, PATIENCE_MS } from './bench.ts';

const REFUSED = 'recv() failed (111: Connection refused) while resolving, resolver: ';
const overTcp = (reply: Reply) => (query: FakeQuery) => (query.transport === 'udp' ? { truncated: true } : reply);
const logs = (servers: readonly FakeDns[]): string[][] => servers.map((server) => server.log());

/** A port that nobody listens on, over UDP and most likely over TCP. */
async function closedPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

const local = (port: number) => ({ address: '127.0.0.1', port, text: `127.0.0.1:${port}` });

/** The time for repeating is at hand: the only interval timer is the resolver's. @returns what lets it pass */
function resendTime(t: TestContext): () => void {
  t.mock.timers.enable({ apis: ['setInterval'] });
  return () => t.mock.timers.tick(5000);
}

test('every new query goes to the next server', async (t) => {
  const { resolver, servers } = await bench(t, { count: 2, ipv6: false });
  for (const name of ['a.example', 'b.example', 'c.example']) await resolver.resolveName(name, PATIENCE_MS);
  assert.deepEqual(logs(servers), [['udp A a.example', 'udp A c.example'], ['udp A b.example']]);
});

test('an unanswered question is repeated to the next server, with the same id; the answered one is not', async (t) => {
  const pass5s = resendTime(t);
  const { dns, resolver, servers } = await bench(t, { count: 2 });
  const [first, second] = [dns, servers[1] ?? dns];
  first.script('h.example', 'A', { answers: [a('1.2.3.4')] }).script('h.example', 'AAAA', { drop: true });
  second.script('h.example', 'AAAA', {});
  const lookup = resolver.resolveName('h.example', PATIENCE_MS);
  // Two more lookups, one for each server: when they are over, the first answer has been read.
  for (const name of ['4.3.2.1', '5.4.3.2']) await resolver.resolveAddress(name, PATIENCE_MS);
  pass5s();
  assert.deepEqual(await lookup, { ok: true, value: ['1.2.3.4'] });
  const asked = logs(servers).map((lines) => lines.filter((line) => !line.includes('PTR')));
  assert.deepEqual(asked, [['udp A h.example', 'udp AAAA h.example'], ['udp AAAA h.example']]);
  assert.equal(first.queries[1]?.id, second.queries.at(-1)?.id);
});

test('an error is final: the other server is not asked', async (t) => {
  const { dns, resolver, servers } = await bench(t, { count: 2, ipv6: false });
  dns.script('h.example', 'A', { rcode: 2 });
  assert.equal((await resolver.resolveName('h.example', PATIENCE_MS)).ok, false);
  assert.deepEqual(logs(servers), [['udp A h.example'], []]);
});

test('a question is not repeated for nobody', async (t) => {
  const pass5s = resendTime(t);
  const { dns, resolver } = await bench(t, { ipv6: false });
  dns.script('h.example', 'A', { drop: true });
  assert.equal((await resolver.resolveName('h.example', 1)).ok, false);
  pass5s();
  pass5s();
  await resolver.resolveName('other.example', PATIENCE_MS);
  assert.deepEqual(dns.log(), ['udp A h.example', 'udp A other.example']);
});

test('a refused datagram is logged and the socket opened again when it is used again', async (t) => {
  const pass5s = resendTime(t);
  const log = await bench(t);
  const port = await closedPort();
  const servers = [local(port), local(log.dns.port)];
  const resolver = new Resolver({ servers, ipv4: true, ipv6: false, validMs: undefined, log: log.log });
  t.after(() => resolver.close());
  log.dns.script('h.example', 'A', { answers: [a('1.2.3.4')] }).script('i.example', 'A', { drop: true });
  const lookup = resolver.resolveName('h.example', PATIENCE_MS);
  await log.count(1);
  pass5s();
  assert.equal((await lookup).ok, true);
  void resolver.resolveName('i.example', 0);
  await log.dns.asked(2);
  pass5s();
  await log.count(2);
  assert.deepEqual(log.lines, Array(2).fill(`[error] ${REFUSED}127.0.0.1:${port}`));
});

test('where a server cannot be sent to, the next one is asked at once, and only once', async (t) => {
  const log = await bench(t);
  const broadcast = { address: '255.255.255.255', port: 53, text: '255.255.255.255:53' };
  const line = /^\[(?:crit|error)\] connect\(\) failed \(\d+: .+\) while resolving, resolver: 255\.255\.255\.255:53$/;
  const options = { ipv4: true, ipv6: true, validMs: undefined, log: log.log };
  log.dns.script('h.example', 'A', { answers: [a('1.2.3.4')] }).script('h.example', 'AAAA', {});

  const one = new Resolver({ ...options, servers: [broadcast, local(log.dns.port)] });
  t.after(() => one.close());
  assert.equal((await one.resolveName('h.example', PATIENCE_MS)).ok, true);
  assert.equal(log.lines.length, 1);

  const none = new Resolver({ ...options, ipv6: false, servers: [broadcast] });
  t.after(() => none.close());
  const abort = new AbortController();
  const lookup = none.resolveName('h.example', 0, abort.signal);
  await log.count(3);
  abort.abort();
  assert.equal((await lookup).ok, false);
  assert.equal(log.lines.length, 3);
  for (const text of log.lines) assert.match(text, line);
});

test('a truncated answer is asked for again over TCP, at the same server, with the same id', async (t) => {
  const { dns, resolver, servers, lines } = await bench(t, { count: 2, ipv6: false });
  const many = Array.from({ length: 2000 }, (_, i) => a(`10.0.${i >> 8}.${i & 255}`));
  dns.script('h.example', 'A', overTcp({ answers: many }));
  const result = await resolver.resolveName('h.example', PATIENCE_MS);
  assert.equal(result.ok && result.value.length, 2000);
  assert.deepEqual(logs(servers), [['udp A h.example', 'tcp A h.example'], []]);
  assert.equal(dns.queries[0]?.id, dns.queries[1]?.id);
  assert.deepEqual(lines, []);
});

test('a truncated error is asked for again as well, a truncated PTR answer is taken as it is', async (t) => {
  const { dns, resolver } = await bench(t, { ipv6: false });
  dns.script('h.example', 'A', (q) =>
    q.transport === 'udp' ? { truncated: true, rcode: 2 } : { answers: [a('1.2.3.4')] },
  );
  dns.script('4.3.2.1.in-addr.arpa', 'PTR', { truncated: true });
  assert.equal((await resolver.resolveName('h.example', PATIENCE_MS)).ok, true);
  const result = await resolver.resolveAddress('1.2.3.4', PATIENCE_MS);
  assert.deepEqual(result, { ok: false, code: 3, text: 'Host not found' });
});

test('one TCP connection serves several queries', async (t) => {
  const { dns, resolver } = await bench(t, { ipv6: false });
  for (const name of ['a.example', 'b.example']) {
    dns.script(name, 'A', overTcp({ answers: [a('1.2.3.4')] }));
    assert.equal((await resolver.resolveName(name, PATIENCE_MS)).ok, true);
    assert.equal(dns.connections, 1);
  }
});

test('an idle TCP connection is closed, and opened again at need', async (t) => {
  const { dns, resolver } = await bench(t, { ipv6: false, tcpIdleMs: 20 });
  for (const name of ['a.example', 'b.example']) {
    dns.script(name, 'A', overTcp({ answers: [a('1.2.3.4')] }));
    assert.equal((await resolver.resolveName(name, PATIENCE_MS)).ok, true);
    await dns.disconnected();
  }
});

for (const [what, reply, line] of [
  ['closes', { raw: [], close: true }, undefined],
  ['closes amid a message', { raw: [Buffer.from([0, 50, 1])], close: true }, undefined],
  ['answers with TC', { truncated: true }, 'invalid TCP DNS response ID fl:8380'],
  ['sends an empty message', { raw: [Buffer.from([0, 0])] }, 'short DNS response'],
  ['sends a short message', { raw: [Buffer.from([0, 2, 1, 2])] }, 'short DNS response'],
] as const) {
  test(`where the server ${what} over TCP, the next one is asked after a while, over TCP`, async (t) => {
    const pass5s = resendTime(t);
    const log = await bench(t, { count: 2, ipv6: false });
    const [first, second] = [log.dns, log.servers[1] ?? log.dns];
    first.script('h.example', 'A', overTcp(reply));
    second.script('h.example', 'A', { answers: [a('1.2.3.4')] });
    const lookup = log.resolver.resolveName('h.example', PATIENCE_MS);
    await first.asked(2);
    if (line === undefined) await first.disconnected();
    else await log.count(1);
    pass5s();
    assert.equal((await lookup).ok, true);
    assert.deepEqual(second.log(), ['tcp A h.example']);
    assert.deepEqual(log.lines, line === undefined ? [] : [`[error] ${line.replace('ID', `${first.queries[0]?.id}`)}`]);
  });
}

test('a refused TCP connection is logged as a failed read', async (t) => {
  const log = await bench(t, { ipv6: false });
  log.dns.closeTcp();
  log.dns.script('h.example', 'A', { truncated: true });
  void log.resolver.resolveName('h.example', 0);
  await log.count(1);
  assert.deepEqual(log.lines, [`[error] ${REFUSED}127.0.0.1:${log.dns.port}`]);
});

test('ids are random over the whole range', async (t) => {
  const { dns, resolver } = await bench(t);
  for (let i = 0; i < 150; i++) await resolver.resolveName(`n${i}.example`, PATIENCE_MS);
  const ids = dns.queries.map((query) => query.id);
  assert.equal(ids.length, 300);
  assert.ok(new Set(ids).size > 280);
  assert.ok(Math.max(...ids) > 0xe000 && Math.min(...ids) < 0x2000);
});
