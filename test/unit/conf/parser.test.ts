// Statements are pulled one at a time, with the line of their terminator.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfError } from '../../../src/conf/directive.ts';
import { Parser } from '../../../src/conf/parser.ts';

const parse = (text: string): Parser => new Parser(Buffer.from(text, 'latin1'), 'f');
const parseGlobal = (text: string): Parser => new Parser(Buffer.from(text, 'latin1'), undefined);

function records(parser: Parser): string[] {
  const found: string[] = [];
  try {
    for (let s = parser.next(); s.kind !== 'eof'; s = parser.next()) {
      found.push(s.kind === 'block-end' ? '}' : `${s.line}: ${[s.name, ...s.args].join(' ')} ${s.terminator}`);
    }
  } catch (error) {
    assert.ok(error instanceof ConfError);
    found.push(error.record);
  }
  return found;
}

test('directives carry their words, terminator and line', () => {
  assert.deepEqual(records(parse('a b\nc;\nd { e; }\n')), ['2: a b c ;', '3: d {', '3: e ;', '}']);
});

test('what comes before an error is delivered first', () => {
  assert.deepEqual(records(parse('a;\nb "c"d;')), ['1: a ;', 'unexpected "d" in f:2']);
  assert.deepEqual(records(parse('a;\n;')), ['1: a ;', 'unexpected ";" in f:2']);
  assert.deepEqual(records(parse('a;{')), ['1: a ;', 'unexpected "{" in f:1']);
  assert.deepEqual(records(parse('a;}')), ['1: a ;', 'unexpected "}" in f:1']);
});

test('a brace closes only an open block, and only between directives', () => {
  assert.deepEqual(records(parse('a { b } ')), ['1: a {', 'unexpected "}" in f:1']);
  assert.deepEqual(records(parse('a { } }')), ['1: a {', '}', 'unexpected "}" in f:1']);
});

test('the end of the file needs every block closed', () => {
  assert.deepEqual(records(parse('a {\n')), ['1: a {', 'unexpected end of file, expecting "}" in f:2']);
  assert.deepEqual(records(parse('a { b\n')), ['1: a {', 'unexpected end of file, expecting ";" or "}" in f:2']);
  assert.deepEqual(records(parse('')), []);
});

test('the -g string holds no blocks', () => {
  assert.deepEqual(records(parseGlobal('a; b { }')), [
    '1: a ;',
    'block directives are not supported in -g option in command line',
  ]);
  assert.deepEqual(records(parseGlobal('a; b')), [
    '1: a ;',
    'unexpected end of parameter, expecting ";" in command line',
  ]);
});

test('the end is the end again when asked twice', () => {
  const parser = parse('a;');
  parser.next();
  assert.equal(parser.next().kind, 'eof');
  assert.equal(parser.next().kind, 'eof');
});
