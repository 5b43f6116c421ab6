// FastCGI records: what is sent, and what is made of an application's bytes however they are cut.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CgiFault, CgiHeadParser } from '../../../../src/http/fastcgi/head-parser.ts';
import { RecordParser } from '../../../../src/http/fastcgi/record-parser.ts';
import { encodeRequest } from '../../../../src/http/fastcgi/records.ts';

const record = (type: number, content: string | Buffer, padding = 0, id = 1): Buffer => {
  const body = Buffer.from(content.toString('latin1'), 'latin1');
  const head = Buffer.of(1, type, id >> 8, id & 255, body.length >> 8, body.length & 255, padding, 0);
  return Buffer.concat([head, body, Buffer.alloc(padding)]);
};
const END = record(3, '\0'.repeat(8));

/** What the parser tells, pieces of the same stream put together. */
function read(pieces: readonly Buffer[]): readonly string[] {
  const told: string[] = [];
  const add = (kind: string, content: Buffer): void => {
    const last = told.at(-1);
    if (last?.startsWith(`${kind} `) === true) told[told.length - 1] = last + content.toString('latin1');
    else told.push(`${kind} ${content.toString('latin1')}`);
  };
  const parser = new RecordParser({
    onStdout: (content) => add('out', content),
    onStderr: (content) => add('err', content),
    onStderrEnd: () => told.push('err over'),
    onStdoutEnd: () => told.push('out over'),
    onEnd: () => told.push('end'),
  });
  for (const piece of pieces) {
    const fault = parser.feed(piece);
    if (fault !== undefined) return [...told, `fault ${fault}`];
  }
  if (parser.hasExcess) told.push('excess');
  return told;
}

const bytewise = (bytes: Buffer): Buffer[] => [...bytes].map((byte) => Buffer.of(byte));

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length));
}

const streams: Readonly<Record<string, readonly [stream: Buffer, told: readonly string[]]>> = {
  'an answer': [
    Buffer.concat([record(6, 'Status: 200\r\n\r\n', 3), record(6, 'body', 4), record(6, ''), END]),
    ['out Status: 200\r\n\r\nbody', 'out over', 'end'],
  ],
  'error output between': [
    Buffer.concat([record(7, 'one\n', 4), record(6, 'a'), record(7, 'two'), record(6, 'b', 255), END]),
    ['err one\n', 'err over', 'out a', 'err two', 'err over', 'out b', 'end'],
  ],
  'bytes behind the end': [Buffer.concat([record(6, 'a'), END, Buffer.from('more')]), ['out a', 'end', 'excess']],
  'another version': [Buffer.of(2, 6), ['fault upstream sent unsupported FastCGI protocol version: 2']],
  'another type': [Buffer.of(1, 99), ['fault upstream sent invalid FastCGI record type: 99']],
  'a type that only we may send': [Buffer.of(1, 4), ['fault upstream sent invalid FastCGI record type: 4']],
  'another request': [record(6, '', 0, 2), ['fault upstream sent unexpected FastCGI request id low byte: 2']],
  'a request far off': [record(6, '', 0, 0x101), ['fault upstream sent unexpected FastCGI request id high byte: 1']],
  'an end of another size': [record(3, 'short'), ['fault upstream sent unexpected FastCGI end request length: 5']],
};

for (const [name, [stream, told]] of Object.entries(streams)) {
  test(`records: ${name}`, () => {
    assert.deepEqual(read([stream]), told);
    assert.deepEqual(read(bytewise(stream)), told);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), (places) => {
        assert.deepEqual(read(cut(stream, places)), told);
      }),
      { numRuns: 50 },
    );
  });
}

test('any bytes at all are read to a fault or to their end, and nothing is kept', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(), { maxLength: 5 }), (bytes, places) => {
      const stream = Buffer.concat([record(6, 'x'), Buffer.from(bytes)]);
      assert.deepEqual(read(cut(stream, places)), read([stream]));
    }),
  );
});

/** As it is sent with a body in memory. */
function encoded(...args: Parameters<typeof encodeRequest>): Buffer {
  const { head, body, frame, tail = Buffer.alloc(0) } = encodeRequest(...args);
  assert.ok(body === undefined || Buffer.isBuffer(body));
  return Buffer.concat([head, ...(body === undefined ? [] : frame(body)), tail]);
}

test('a request: begin, parameters and body, each filled up to eight bytes', () => {
  const bytes = encoded(
    [
      ['A', 'b'],
      ['EMPTY', ''],
    ],
    Buffer.from('body'),
    false,
  );
  const expected = Buffer.concat([
    record(1, '\0\x01\0\0\0\0\0\0'),
    record(4, '\x01\x01Ab\x05\0EMPTY', 5),
    record(4, ''),
    record(5, 'body', 4),
    record(5, ''),
  ]);
  assert.deepEqual(bytes, expected);
});

test('a request that asks for the connection to be kept, without a body', () => {
  const bytes = encoded([], undefined, true);
  assert.deepEqual(bytes, Buffer.concat([record(1, '\0\x01\x01\0\0\0\0\0'), record(4, ''), record(5, '')]));
});

test('long names and values have lengths of four bytes, and long content is several records', () => {
  const name = 'N'.repeat(128);
  const bytes = encoded([[name, 'v'.repeat(127)]], Buffer.alloc(70_000, 'b'), false);
  assert.deepEqual(bytes.subarray(24, 29), Buffer.of(0x80, 0, 0, 128, 127));
  const types: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    types.push(bytes[at + 1] ?? 0);
    at += 8 + bytes.readUInt16BE(at + 4) + (bytes[at + 6] ?? 0);
  }
  assert.deepEqual(types, [1, 4, 4, 5, 5, 5]);
});

function head(pieces: readonly Buffer[], max = 200): unknown {
  const parser = new CgiHeadParser(max);
  let rest = '';
  let found: unknown;
  for (const piece of pieces) {
    if (found !== undefined) {
      rest += piece.toString('latin1');
      continue;
    }
    const result = parser.feed(piece);
    if (result instanceof CgiFault) return result.text;
    if (result === undefined) continue;
    found = result.head;
    rest = result.rest.toString('latin1');
  }
  return found === undefined ? undefined : { head: found, rest };
}

const heads: Readonly<Record<string, readonly [text: string, expected: unknown]>> = {
  'a status with a reason': [
    'Status: 404 Not Found\r\nX-A: 1\r\n\r\nrest',
    {
      head: {
        status: 404,
        reason: 'Not Found',
        fields: [
          ['Status', '404 Not Found'],
          ['X-A', '1'],
        ],
      },
      rest: 'rest',
    },
  ],
  'bare line ends, spaces around a value': [
    'X-A:  1 \nB:\n\n\nrest',
    {
      head: {
        status: 200,
        reason: '',
        fields: [
          ['X-A', '1'],
          ['B', ''],
        ],
      },
      rest: '\nrest',
    },
  ],
  'a redirect without a status': [
    'Location: /x\n\n',
    { head: { status: 302, reason: '', fields: [['Location', '/x']] }, rest: '' },
  ],
  'no lines at all': ['\r\nbody', { head: { status: 200, reason: '', fields: [] }, rest: 'body' }],
  'a head that goes on': ['Status: 200\r\nX', undefined],
  'a name with a space': ['Content Type: a/b\n\n', 'upstream sent invalid header: "Content\\x20..."'],
  'a line without a colon': [
    'nonsense\n\n',
    { head: { status: 200, reason: '', fields: [['nonsense', '']] }, rest: '' },
  ],
  'a status line before the others': [
    'HTTP/1.1 201 Made\nA: b\n\n',
    { head: { status: 200, reason: '', fields: [['A', 'b']] }, rest: '' },
  ],
  'no name': [': x\n\n', 'upstream sent invalid header: ":..."'],
  'a NUL': ['A: \0\n\n', 'upstream sent invalid header: "A:..."'],
  'a status that is none': ['Status: abc\n\n', 'upstream sent invalid status "abc"'],
  'a status of four digits': ['Status: 2000\n\n', 'upstream sent invalid status "2000"'],
  'too much': [`A: ${'x'.repeat(300)}\n\n`, 'upstream sent too big header'],
  'too much without an end': ['x'.repeat(300), 'upstream sent too big header'],
  'too many lines': ['A: b\n'.repeat(60), 'upstream sent too big header'],
};

for (const [name, [text, expected]] of Object.entries(heads)) {
  test(`the head of a CGI answer: ${name}`, () => {
    const bytes = Buffer.from(text, 'latin1');
    assert.deepEqual(head([bytes]), expected);
    assert.deepEqual(head(bytewise(bytes)), expected);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 8 }), (places) => {
        assert.deepEqual(head(cut(bytes, places)), expected);
      }),
      { numRuns: 50 },
    );
  });
}
