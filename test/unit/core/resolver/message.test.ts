import assert from 'node:assert/strict';
import test from 'node:test';
import { decode, encode } from 'dns-packet';
import fc from 'fast-check';
import { readAddresses, readPointer } from '../../../../src/core/resolver/answer.ts';
import { FrameReader } from '../../../../src/core/resolver/frame-reader.ts';
import {
  encodeQuery,
  isEncodable,
  Malformed,
  RecordType,
  readHeader,
  readQuestion,
} from '../../../../src/core/resolver/message.ts';
import { addressTarget, nameTarget, questionTarget } from '../../../../src/core/resolver/target.ts';
import { a, cname, ptr } from './bench.ts';

const label = fc.stringMatching(/^[a-z0-9_-]{1,63}$/);
const name = fc
  .array(label, { minLength: 1, maxLength: 8 })
  .map((labels) => labels.join('.'))
  .filter(isEncodable);

/** Reads as the resolver does. */
function read(message: Buffer): unknown {
  const header = readHeader(message);
  if (header instanceof Malformed) return header;
  const question = readQuestion(message, header);
  if (question instanceof Malformed) return question;
  return question.type === RecordType.ptr
    ? readPointer(message, question.end, header.answers, () => {})
    : readAddresses(message, question, header.answers, () => {});
}

test('a query is what an independent decoder reads: one question, recursion desired', () => {
  fc.assert(
    fc.property(name, fc.nat(0xffff), fc.constantFrom('A', 'AAAA', 'PTR'), (text, id, type) => {
      const types = { A: RecordType.a, AAAA: RecordType.aaaa, PTR: RecordType.ptr };
      const query = decode(encodeQuery(id, text, types[type]));
      assert.deepEqual([query.id, query.type, query.flags], [id, 'query', 0x0100]);
      assert.deepEqual(query.questions, [{ name: text, type, class: 'IN' }]);
      assert.equal(query.additionals?.length, 0);
    }),
  );
});

test('bytes of a name that are not ASCII go out as they came in', () => {
  const query = encodeQuery(1, '\xe9\xff.example', RecordType.a);
  assert.equal(query.toString('latin1', 12), '\x02\xe9\xff\x07example\0\0\x01\0\x01');
});

test('what an independent encoder wrote is read, compressed names among it', () => {
  fc.assert(
    fc.property(name, name, fc.array(fc.ipV4(), { minLength: 1, maxLength: 5 }), (asked, target, addresses) => {
      const answers = [cname(target), ...addresses.map((address) => a(address))];
      const message = encode({ type: 'response', id: 1, questions: [{ name: asked, type: 'A' }], answers });
      assert.deepEqual(read(message), { code: 0, addresses, ttl: 60 });
      const reverse = encode({ type: 'response', questions: [{ name: asked, type: 'PTR' }], answers: [ptr(target)] });
      assert.deepEqual(read(reverse), { code: 0, name: target, addresses: [], ttl: 60 });
    }),
  );
});

test('no bytes make the reader throw or give a name over 253 bytes', () => {
  const spoiled = fc
    .tuple(name, fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 }), fc.nat(200))
    .map(([text, changes, cut]) => {
      const answers = [cname(text), ptr(text)];
      const message = encode({ type: 'response', questions: [{ name: text, type: 'PTR' }], answers });
      for (const [at, byte] of changes) message[at % message.length] = byte;
      return message.subarray(0, message.length - (cut % 20));
    });
  const junk = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(spoiled, junk), (message) => {
      const answer = read(message);
      assert.ok(typeof answer === 'object' && answer !== null);
      if ('name' in answer && typeof answer.name === 'string') assert.ok(answer.name.length <= 253);
    }),
    { numRuns: 500 },
  );
});

test('of thousands of CNAME records the last one counts, and its name may jump 120 times', () => {
  const head = encode({ type: 'response', questions: [{ name: 'h.example', type: 'A' }] });
  const message = Buffer.concat([head, Buffer.alloc(65_535 - head.length)]);
  let count = 0;
  let at = head.length;
  let last = 0;
  const record = (data: readonly number[]): void => {
    message.writeUInt16BE(0xc00c, at);
    message.writeUInt16BE(RecordType.cname, at + 2);
    message.writeUInt16BE(1, at + 4);
    message.writeUInt16BE(data.length, at + 10);
    message.set(data, at + 12);
    last = Math.min(at + 12, 0x3fff);
    at += 12 + data.length;
    count++;
  };
  record([...Array.from({ length: 125 }, () => [1, 65]).flat(), 0]);
  for (let i = 0; i < 120; i++) record([0xc0 | (last >> 8), last & 255]);
  const far = [0xc0 | (last >> 8), last & 255];
  while (at + 14 <= message.length) record(far);
  message.writeUInt16BE(count, 6);
  assert.deepEqual(read(message), { code: 0, addresses: [], alias: `${'a.'.repeat(124)}a`, ttl: 0 });
});

test('messages over TCP come out whole, whatever the chunks', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 6 });
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 400 })), (sent, sizes) => {
      const stream = Buffer.concat(sent.flatMap((m) => [Buffer.from([m.length >> 8, m.length & 255]), m]));
      for (const cuts of [[stream.length], sizes, []]) {
        const received: Buffer[] = [];
        const reader = new FrameReader((message) => received.push(message));
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = cuts[i] ?? 1;
          reader.push(stream.subarray(at, at + size));
          at += size;
        }
        assert.deepEqual(
          received.map((m) => m.toString('hex')),
          sent.map((m) => Buffer.from(m).toString('hex')),
        );
      }
    }),
  );
});

test('addresses become the names of their PTR questions, and those are told from other names', () => {
  assert.equal(addressTarget('192.0.2.255')?.name, '255.2.0.192.in-addr.arpa');
  assert.equal(
    addressTarget('2001:DB8::2a')?.name,
    'a.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
  );
  for (const text of ['', 'host', '1.2.3', '1.2.3.4.5', ':', '::1%lo']) assert.equal(addressTarget(text), undefined);
  const asked = (text: string) => questionTarget({ name: text, type: RecordType.ptr, end: 0 });
  assert.deepEqual(asked('255.2.0.192.in-addr.arpa'), addressTarget('192.0.2.255'));
  for (const text of ['256.2.0.192.in-addr.arpa', '2.0.192.in-addr.arpa', '1.ip6.arpa', 'x.in-addr.arpa.example']) {
    assert.equal(asked(text), 'invalid in-addr.arpa or ip6.arpa name in DNS response');
  }
});

test('a name and the address of that name are two different targets', () => {
  assert.notEqual(nameTarget('4.3.2.1.in-addr.arpa')?.key, addressTarget('1.2.3.4')?.key);
});
