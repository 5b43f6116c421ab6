import assert from 'node:assert/strict';
import test from 'node:test';
import { type FakeQuery, type Reply, responseBytes } from '../../../support/fake-dns.ts';
import { a, aaaa, bench, cname, PATIENCE_MS, ptr } from './bench.ts';

const PTR_NAME = '4.3.2.1.in-addr.arpa';

/** What is wrong with a response, and the line about it; `ID` stands for the id of the query. */
interface Bad {
  readonly what: string;
  readonly bytes: (query: FakeQuery, good: Buffer) => Buffer;
  readonly line: string | readonly string[];
}

const changed = (bytes: Buffer, change: (copy: Buffer) => void): Buffer => {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
};
const spoiled = (change: (copy: Buffer, end: number) => void) => (query: FakeQuery, good: Buffer) =>
  changed(good, (copy) => change(copy, query.raw.length));
const replied = (reply: Reply) => (query: FakeQuery) => responseBytes(query, reply);

/** The records of the good answer have an owner of 15 bytes, then type, class, TTL and length of the data. */
const OWNER = 15;
const CLASS = OWNER + 2;
const LENGTH = OWNER + 8;
const DATA = OWNER + 10;
const data = (bytes: readonly number[]) => (query: FakeQuery, good: Buffer) => {
  const head = good.subarray(0, query.raw.length + LENGTH);
  return Buffer.concat([head, Buffer.from([0, bytes.length, ...bytes])]);
};
const longName = Array.from({ length: 5 }, () => [63, ...Buffer.alloc(63, 'a')]).flat();

const COMMON: readonly Bad[] = [
  { what: 'nothing', bytes: () => Buffer.alloc(0), line: 'short DNS response' },
  { what: 'half a header', bytes: (_q, good) => good.subarray(0, 11), line: 'short DNS response' },
  { what: 'a header alone', bytes: (_q, good) => good.subarray(0, 12), line: 'short DNS response' },
  { what: 'half a question', bytes: (q, good) => good.subarray(0, q.raw.length - 2), line: 'short DNS response' },
  {
    what: 'no record where one is due',
    bytes: (q, good) => good.subarray(0, q.raw.length),
    line: 'short DNS response',
  },
  { what: 'half a record', bytes: (q, good) => good.subarray(0, q.raw.length + OWNER + 4), line: 'short DNS response' },
  {
    what: 'half a name of a record',
    bytes: (q, good) => good.subarray(0, q.raw.length + 12),
    line: 'short DNS response',
  },
  { what: 'cut data', bytes: (_q, good) => good.subarray(0, -1), line: 'short DNS response' },
  {
    what: 'the id of another query',
    bytes: (q) => responseBytes(q, { id: q.id ^ 1, answers: [a('6.6.6.6')] }),
    line: 'wrong ident OTHER in DNS response for NAME, expect ID',
  },
  {
    what: 'a query',
    bytes: spoiled((b) => b.writeUInt16BE(0x0180, 2)),
    line: 'invalid UDP DNS response ID fl:0180',
  },
  {
    what: 'another opcode',
    bytes: spoiled((b) => b.writeUInt16BE(0xa180, 2)),
    line: 'invalid UDP DNS response ID fl:A180',
  },
  {
    what: 'the AD bit',
    bytes: spoiled((b) => b.writeUInt16BE(0x81a0, 2)),
    line: 'invalid UDP DNS response ID fl:81A0',
  },
  { what: 'RCODE 6', bytes: replied({ rcode: 6 }), line: 'DNS error (6: Unknown error), query id:ID' },
  {
    what: 'no question',
    bytes: spoiled((b) => b.writeUInt16BE(0, 4)),
    line: 'invalid number of questions in DNS response',
  },
  {
    what: 'two questions',
    bytes: spoiled((b) => b.writeUInt16BE(2, 4)),
    line: 'invalid number of questions in DNS response',
  },
  {
    what: 'a compressed question',
    bytes: spoiled((b) => b.writeUInt8(0xc0, 12)),
    line: 'unexpected compression pointer in DNS response',
  },
  {
    what: 'a question about the root',
    bytes: replied({ question: { name: '.' } }),
    line: 'zero-length domain name in DNS response',
  },
  {
    what: 'another class of question',
    bytes: spoiled((b, end) => b.writeUInt16BE(3, end - 2)),
    line: 'unknown query class 3 in DNS response',
  },
  {
    what: 'another type of question',
    bytes: replied({ question: { type: 'MX' } }),
    line: 'unknown query type 15 in DNS response',
  },
  {
    what: 'another class of record',
    bytes: spoiled((b, end) => b.writeUInt16BE(4, end + CLASS)),
    line: 'unexpected RR class 4 in DNS response',
  },
];

const POINTER: readonly Bad[] = [
  { what: 'RCODE 1', bytes: replied({ rcode: 1 }), line: 'DNS error (1: Format error), query id:ID' },
  {
    what: 'another question that is no address',
    bytes: replied({ question: { name: 'foo.example' } }),
    line: 'invalid in-addr.arpa or ip6.arpa name in DNS response',
  },
  {
    what: 'another address',
    bytes: replied({ question: { name: '9.9.9.9.IN-addr.arpa' } }),
    line: 'unexpected DNS response for 9.9.9.9.in-addr.arpa',
  },
  {
    what: 'a question for addresses',
    bytes: replied({ question: { type: 'A' } }),
    line: 'unexpected DNS response for NAME',
  },
  {
    what: 'only a CNAME',
    bytes: replied({ answers: [cname('x.example')] }),
    line: 'no PTR type in DNS response',
  },
  {
    what: 'only an address',
    bytes: replied({ answers: [a('1.2.3.4')] }),
    line: ['unexpected RR type 1 in DNS response', 'no PTR type in DNS response'],
  },
  { what: 'a name without data', bytes: data([]), line: 'short DNS response' },
  { what: 'a name that points behind the end', bytes: data([0xff, 0xff]), line: 'name is out of DNS response' },
  { what: 'a name without an end', bytes: data([1, 97]), line: 'name is out of DNS response' },
  { what: 'a label that the message ends in', bytes: data([9, 97]), line: 'name is out of DNS response' },
  { what: 'half a pointer', bytes: data([0xc0]), line: 'name is out of DNS response' },
  { what: 'an unknown kind of label', bytes: data([0x41, 97, 0]), line: 'invalid label type in DNS response' },
  {
    what: 'a name that points at itself',
    bytes: (q, good) => data([0xc0, q.raw.length + DATA])(q, good),
    line: 'compression pointers loop in DNS response',
  },
  { what: 'a name over 255 octets', bytes: data([...longName, 0]), line: 'name is too long in DNS response' },
];

const ADDRESSES: readonly Bad[] = [
  { what: 'RCODE 1', bytes: replied({ rcode: 1 }), line: 'DNS error (1: Format error), query id:ID, name:"NAME"' },
  {
    what: 'RCODE 1 and no more than a header',
    bytes: (q) => changed(responseBytes(q, { rcode: 1 }), (b) => b.writeUInt16BE(0, 4)).subarray(0, 12),
    line: 'DNS error (1: Format error), query id:ID, name:"NAME"',
  },
  {
    what: 'RCODE 1 and the id of another query',
    bytes: (q) => responseBytes(q, { rcode: 1, id: q.id ^ 1 }),
    line: 'DNS error (1: Format error), query id:OTHER',
  },
  {
    what: 'another name, with control bytes',
    bytes: replied({ question: { name: 'Z\r\nz.example' } }),
    line: 'unexpected DNS response for z\\x0D\\x0Az.example',
  },
  {
    what: 'a question of a family that is not asked for',
    bytes: replied({ question: { type: 'AAAA' }, answers: [aaaa('::1')] }),
    line: 'unexpected DNS response for NAME',
  },
  {
    what: 'an address of the other family',
    bytes: replied({ answers: [a('6.6.6.6'), aaaa('::1')] }),
    line: 'unexpected AAAA record in DNS response',
  },
  {
    what: 'an address of three bytes',
    bytes: data([1, 2, 3]),
    line: 'invalid A record in DNS response',
  },
  {
    what: 'no address and no CNAME',
    bytes: replied({ answers: [{ type: 'TXT', name: 'x', ttl: 1, data: 'x' }] }),
    line: ['unexpected RR type 16 in DNS response', 'no A or CNAME types in DNS response'],
  },
];

const linesOf = ({ line }: Bad, query: FakeQuery | undefined): string[] =>
  [line].flat().map((text) => {
    const id = query?.id ?? 0;
    return `[error] ${text}`
      .replace(/\bID\b/, `${id}`)
      .replace(/\bOTHER\b/, `${id ^ 1}`)
      .replace(/\bNAME\b/, query?.name ?? '');
  });

for (const bad of [...COMMON, ...POINTER]) {
  test(`a PTR response with ${bad.what} is logged and ignored`, async (t) => {
    const { dns, resolver, lines } = await bench(t);
    dns.script(PTR_NAME, 'PTR', (query) => {
      const good = responseBytes(query, { answers: [ptr('m.example')] });
      return { raw: [bad.bytes(query, good), good] };
    });
    assert.deepEqual(await resolver.resolveAddress('1.2.3.4', PATIENCE_MS), { ok: true, value: 'm.example' });
    assert.deepEqual(lines, linesOf(bad, dns.queries[0]));
  });
}

for (const bad of [...COMMON, ...ADDRESSES]) {
  test(`an A response with ${bad.what} is logged and ignored`, async (t) => {
    const { dns, resolver, lines } = await bench(t, { ipv6: false });
    dns.script('h.example', 'A', (query) => {
      const good = responseBytes(query, { answers: [a('1.2.3.4')] });
      return { raw: [bad.bytes(query, good), good] };
    });
    assert.deepEqual(await resolver.resolveName('h.example', PATIENCE_MS), { ok: true, value: ['1.2.3.4'] });
    assert.deepEqual(lines, linesOf(bad, dns.queries[0]));
  });
}

test('an answer of no use counts as an empty one while the other family is due', async (t) => {
  const { dns, resolver, lines } = await bench(t);
  dns.script('h.example', 'A', { answers: [{ type: 'DNAME', name: 'x', ttl: 1, data: 'y.example' }] });
  dns.script('h.example', 'AAAA', { answers: [aaaa('::1')] });
  assert.deepEqual(await resolver.resolveName('h.example', PATIENCE_MS), { ok: true, value: ['::1'] });
  assert.deepEqual(lines, ['[error] no A or CNAME types in DNS response']);
});

test('a second answer to the same question is unexpected', async (t) => {
  const log = await bench(t, { ipv6: false });
  log.dns.script('h.example', 'A', (query) => {
    const good = responseBytes(query, { answers: [a('1.2.3.4')] });
    return { raw: [good, good] };
  });
  await log.resolver.resolveName('h.example', PATIENCE_MS);
  await log.count(1);
  assert.deepEqual(log.lines, ['[error] unexpected DNS response for h.example']);
});

test('a second answer about a known address is passed over', async (t) => {
  const { dns, resolver, lines } = await bench(t);
  dns.script(PTR_NAME, 'PTR', (query) => {
    const good = responseBytes(query, { answers: [ptr('m.example')] });
    return { raw: [good, good] };
  });
  await resolver.resolveAddress('1.2.3.4', PATIENCE_MS);
  dns.script('h.example', 'A', { answers: [a('1.2.3.4')] }).script('h.example', 'AAAA', {});
  await resolver.resolveName('h.example', PATIENCE_MS);
  assert.deepEqual(lines, []);
});

test('records that nobody asked for are passed over, and logged ten times at most', async (t) => {
  const { dns, resolver, lines } = await bench(t);
  const text = { type: 'TXT', name: 'x', ttl: 1, data: 'x' } as const;
  dns.script(PTR_NAME, 'PTR', { answers: [...Array.from({ length: 100 }, () => text), ptr('m.example'), text] });
  assert.deepEqual(await resolver.resolveAddress('1.2.3.4', PATIENCE_MS), { ok: true, value: 'm.example' });
  assert.deepEqual(lines, Array(10).fill('[error] unexpected RR type 16 in DNS response'));
});

test('the question in a response may differ in case', async (t) => {
  const { dns, resolver } = await bench(t, { ipv6: false });
  dns.script('h.example', 'A', { question: { name: 'H.EXAMPLE' }, answers: [a('1.2.3.4')] });
  assert.equal((await resolver.resolveName('h.example', PATIENCE_MS)).ok, true);
});
