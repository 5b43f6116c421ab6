// Feeds a command parser as the command loop does, and writes down what comes out.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Arguments } from '../../../src/mail/command/arguments.ts';
import { Parse } from '../../../src/mail/command/parse.ts';
import { LineBuffer } from '../../../src/net/line-buffer.ts';

/** What the three parsers have in common. */
interface CommandParser {
  readonly command: number | undefined;
  readonly args: Arguments;
  readonly lineStart: number;
  parse(b: LineBuffer): Parse;
  parseContinuation(b: LineBuffer): Parse;
}

export interface Feed<P extends CommandParser> {
  readonly make: () => P;
  /** The command that opens a SASL exchange: the line behind it is a continuation when it has one argument. */
  readonly sasl: number;
  /** What else is worth comparing. */
  readonly more: (parser: P, b: LineBuffer) => unknown;
}

export interface Seen {
  readonly at: 'ok' | 'invalid' | 'literal' | 'again';
  readonly command: number | undefined;
  readonly args: readonly string[];
  readonly line: string;
  readonly more: unknown;
}

const NAMES = ['again', 'ok', 'invalid', 'literal'] as const;

/** Everything the parser says; the last entry is the unfinished line, if there is one. */
export function feed<P extends CommandParser>(how: Feed<P>, chunks: readonly Buffer[], size = 65536): Seen[] {
  const parser = how.make();
  const b = new LineBuffer(size);
  // A parser that looks past `last` sees what an earlier session left there.
  b.data.fill('\n"}+{ \r');
  const seen: Seen[] = [];
  let continues = false;
  for (const chunk of chunks) {
    b.fill(chunk);
    let before = b.pos;
    while (b.pos < b.last) {
      const parse = continues ? parser.parseContinuation(b) : parser.parse(b);
      assert.ok(b.pos > before && b.pos <= b.last, 'every call makes progress');
      before = b.pos;
      if (parse === Parse.again) break;
      seen.push(note(how, parser, parse, b));
      if (parse === Parse.ok) continues = !continues && parser.command === how.sasl && parser.args.count === 1;
      if (parse === Parse.invalid) continues = false;
    }
  }
  const tail = continues ? parser.parseContinuation(b) : parser.parse(b);
  assert.equal(tail, Parse.again, 'nothing comes of nothing');
  return seen;
}

function note<P extends CommandParser>(how: Feed<P>, parser: P, parse: Parse, b: LineBuffer): Seen {
  const args: string[] = [];
  for (let i = 0; parse === Parse.ok && i < parser.args.count; i++) args.push(parser.args.get(b, i).toString('latin1'));
  return {
    at: NAMES[parse],
    command: parser.command,
    args,
    line: parse === Parse.literal ? '' : b.data.toString('latin1', parser.lineStart, b.pos),
    more: how.more(parser, b),
  };
}

export const whole = (text: string): Buffer[] => [Buffer.from(text, 'latin1')];

export const byteByByte = (text: string): Buffer[] => [...text].map((c) => Buffer.from(c, 'latin1'));

/** Cuts at the given places, modulo the length. */
export function cutAt(text: string, places: readonly number[]): Buffer[] {
  const cuts = [0, ...places.map((n) => n % (text.length + 1)).sort((a, b) => a - b), text.length];
  return cuts.slice(1).map((end, i) => Buffer.from(text.slice(cuts[i], end), 'latin1'));
}

/** Input made of pieces of the grammar, so that it gets deep into it. */
export function scrambled(pieces: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...pieces) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }).map((n) => String.fromCharCode(n)) },
  );
  return fc.array(piece, { maxLength: 30 }).map((parts) => parts.join(''));
}

/** The same result for every way to cut the input. */
export function sameForAnySplit<P extends CommandParser>(how: Feed<P>, input: fc.Arbitrary<string>): void {
  fc.assert(
    fc.property(input, fc.array(fc.nat(), { maxLength: 6 }), (text, places) => {
      const expected = feed(how, whole(text));
      assert.deepEqual(feed(how, byteByByte(text)), expected);
      assert.deepEqual(feed(how, cutAt(text, places)), expected);
    }),
    { numRuns: 500 },
  );
}

/** Any bytes, and any size of buffer: no exception, no endless loop, no offset outside what was read. */
export function survivesNoise<P extends CommandParser>(how: Feed<P>): void {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 64 }), (bytes, step) => {
      const chunks: Buffer[] = [];
      for (let i = 0; i < bytes.length; i += step) chunks.push(Buffer.from(bytes.subarray(i, i + step)));
      feed(how, chunks);
      feed(how, chunks, 100);
    }),
    { numRuns: 300 },
  );
}
