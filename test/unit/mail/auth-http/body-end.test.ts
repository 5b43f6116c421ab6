// Where a body ends, however it comes in pieces.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BodyEnd, type BodyFraming, type BodyState } from '../../../../src/mail/auth-http/body-end.ts';
import { bytes } from '../doubles.ts';

const CHUNKED = { closes: false, chunked: true, length: 0 };
const sized = (length: number): BodyFraming => ({ closes: false, chunked: false, length });

/** Feeds the text in pieces of so many bytes, all of it, or up to the first answer that is not `more`. */
function feed(framing: BodyFraming, text: string, cuts: readonly number[] = []): BodyState {
  const body = new BodyEnd(framing);
  let state: BodyState = body.feed(Buffer.alloc(0));
  let at = 0;
  for (const cut of [...cuts, text.length]) {
    const piece = text.slice(at, at + cut);
    at += piece.length;
    state = body.feed(bytes(piece));
    if (state !== 'more') return at < text.length ? 'broken' : state;
  }
  return state;
}

const BODIES: readonly (readonly [string, BodyFraming, string, BodyState])[] = [
  ['nothing', sized(0), '', 'end'],
  ['something where nothing should be', sized(0), 'x', 'broken'],
  ['all of it', sized(5), '12345', 'end'],
  ['less', sized(5), '1234', 'more'],
  ['more', sized(5), '123456', 'broken'],
  ['too much for anybody', sized(70_000), 'x'.repeat(70_000), 'broken'],
  ['no chunk', CHUNKED, '0\r\n\r\n', 'end'],
  ['chunks', CHUNKED, '3\r\nabc\r\nA;ext="x"\r\n0123456789\r\n0\r\n\r\n', 'end'],
  ['line feeds alone', CHUNKED, '3\nabc\n0\n\n', 'end'],
  ['trailers', CHUNKED, '0\r\nX: y\r\nZ: 0\r\n\r\n', 'end'],
  ['no end', CHUNKED, '3\r\nabc\r\n', 'more'],
  ['bytes behind the end', CHUNKED, '0\r\n\r\nHTTP/1.1 200 OK\r\n', 'broken'],
  ['a size that is none', CHUNKED, 'x\r\n', 'broken'],
  ['a size without digits', CHUNKED, '\r\n', 'broken'],
  ['a size with a sign', CHUNKED, '-1\r\n', 'broken'],
  ['a size with a tail', CHUNKED, '3x\r\nabc\r\n', 'broken'],
  ['a size beyond all bounds', CHUNKED, '123456789\r\n', 'broken'],
  ['a chunk that is longer than it says', CHUNKED, '3\r\nabcd\r\n', 'broken'],
  ['a line that never ends', CHUNKED, `0;${'x'.repeat(2000)}`, 'broken'],
  ['trailers that never end', CHUNKED, `0\r\n${'X: y\r\n'.repeat(20_000)}`, 'broken'],
];

for (const [name, framing, text, expected] of BODIES) {
  test(name, () => {
    assert.equal(feed(framing, text), expected, 'whole');
    assert.equal(
      feed(
        framing,
        text,
        Array.from(text, () => 1),
      ),
      expected,
      'byte by byte',
    );
    const splits = fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 20 });
    fc.assert(fc.property(splits, (cuts) => assert.equal(feed(framing, text, cuts), expected)));
  });
}
