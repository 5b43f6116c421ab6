// Words and punctuation, byte by byte; longer outcomes are golden cases.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfError } from '../../../src/conf/directive.ts';
import { Lexer } from '../../../src/conf/lexer.ts';

const FILE: { file: string | undefined } = { file: 'f' };
const COMMAND_LINE = { file: undefined };

/** Words as they are, punctuation as its byte, the end left out. */
function tokens(text: string, source = FILE): string[] {
  const lexer = new Lexer(Buffer.from(text, 'latin1'), source.file);
  const found: string[] = [];
  for (let token = lexer.next(); token.kind !== 'end'; token = lexer.next()) {
    found.push(token.kind === 'word' ? `<${token.text}>` : token.kind);
  }
  return found;
}

function errorOf(text: string, source = FILE): string {
  try {
    tokens(text, source);
  } catch (error) {
    assert.ok(error instanceof ConfError);
    return error.record;
  }
  assert.fail(`no error in ${text.slice(0, 40)}`);
}

const WORDS: readonly (readonly [text: string, ...words: string[]])[] = [
  ['a b\tc\rd\ne;', '<a>', '<b>', '<c>', '<d>', '<e>', ';'],
  ['a{b;}', '<a>', '{', '<b>', ';', '}'],
  ['a}b#c"d\'e(f) ;', '<a}b#c"d\'e(f)>', ';'],
  ['a#x\n #y\n#z', '<a#x>'],
  ['"a b" \'c d\';', '<a b>', '<c d>', ';'],
  ['"";', '<>', ';'],
  ['"a\nb;{}#\'";', "<a\nb;{}#'>", ';'],
  ['"a")b;', '<a>', '<)b>', ';'],
  ['"a"{', '<a>', '{'],
  ['\x24{a}b{', '<\x24{a}b>', '{'],
  ['a\x24{b}c;', '<a\x24{b}c>', ';'],
  ['$a{', '<$a>', '{'],
  ['$\x24{;', '<$${>', ';'],
  ['\\\x24{a;', '<\\$>', '{', '<a>', ';'],
  ['"${a";', '<${a>', ';'],
  ['a\\ b\\;c\\{d\\#;', '<a\\ b\\;c\\{d\\#>', ';'],
  ['\\"a;', '<"a>', ';'],
  ['"\\"\\\'\\\\\\t\\r\\n";', '<"\'\\\t\r\n>', ';'],
  ['\\x41\\.\\$\\\n;', '<\\x41\\.\\$\\\n>', ';'],
  ['\\\\";', '<\\">', ';'],
  ['\xef\xbb\xbfa\xa0b\x0bc\0d;', '<\xef\xbb\xbfa\xa0b\x0bc\0d>', ';'],
  [' \t\r\n', ...[]],
];

for (const [text, ...words] of WORDS) {
  test(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(tokens(text), words));
}

const FAULTS: readonly (readonly [text: string, error: string])[] = [
  ['"a"b;', 'unexpected "b" in f:1'],
  ['\n"a\n"}', 'unexpected "}" in f:3'],
  ['"a"#', 'unexpected "#" in f:1'],
  ['"a"\xe4', 'unexpected "\xe4" in f:1'],
  ['a', 'unexpected end of file, expecting ";" or "}" in f:1'],
  ['"a\n\n', 'unexpected end of file, expecting ";" or "}" in f:3'],
  ['"a"', 'unexpected end of file, expecting ";" or "}" in f:1'],
  ['a\\', 'unexpected end of file, expecting ";" or "}" in f:1'],
  ['"a\\', 'unexpected end of file, expecting ";" or "}" in f:1'],
];

for (const [text, error] of FAULTS) {
  test(`refuses ${JSON.stringify(text)}`, () => assert.equal(errorOf(text), error));
}

const a = (count: number): string => 'a'.repeat(count);

test('a word may have 4095 bytes, or 4094 before white space', () => {
  assert.deepEqual(tokens(`${a(4095)};`), [`<${a(4095)}>`, ';']);
  assert.deepEqual(tokens(`${a(4094)} ;`), [`<${a(4094)}>`, ';']);
  assert.equal(errorOf(`\nbcdefghijkl${a(4085)};`), 'too long parameter "bcdefghijk..." started in f:2');
  assert.equal(errorOf(`${a(4095)} ;`), 'too long parameter "aaaaaaaaaa..." started in f:1');
});

test('a quoted word may have 4094 bytes, or 4093 before white space', () => {
  assert.deepEqual(tokens(`"${a(4094)}";`), [`<${a(4094)}>`, ';']);
  assert.deepEqual(tokens(`"${a(4093)}" ;`), [`<${a(4093)}>`, ';']);
  assert.equal(errorOf(`"${a(4095)}";`), 'too long parameter "aaaaaaaaaa..." started in f:1');
  assert.equal(errorOf(`"${a(4094)}" ;`), 'too long parameter "aaaaaaaaaa..." started in f:1');
  const open = 'too long parameter, probably missing terminating';
  assert.equal(errorOf(`\n"\n${a(4095)};`), `${open} """ character in f:2`);
  assert.equal(errorOf(`'${a(4096)}';`), `${open} "'" character in f:1`);
});

test('escapes count with their backslash', () => {
  assert.deepEqual(tokens(`${'\\"'.repeat(2047)};`), [`<${'"'.repeat(2047)}>`, ';']);
  assert.equal(errorOf(`${'\\"'.repeat(2048)};`), 'too long parameter "\\"\\"\\"\\"\\"..." started in f:1');
});

test('a word that the file ends in is unfinished, however long', () => {
  assert.equal(errorOf(a(4096)), 'unexpected end of file, expecting ";" or "}" in f:1');
});

test('a comment may have 4095 bytes', () => {
  assert.deepEqual(tokens(`#${a(4094)}\n;`), [';']);
  assert.equal(errorOf(`#${a(4095)}\n;`), 'too long parameter "#aaaaaaaaa..." started in f:1');
  assert.deepEqual(tokens(`#${a(4095)}`), []);
});

test('the -g string has no limits and an end of its own', () => {
  assert.deepEqual(tokens(`${a(9000)} "${a(9000)}";#${a(9000)}`, COMMAND_LINE).length, 3);
  assert.equal(errorOf('a', COMMAND_LINE), 'unexpected end of parameter, expecting ";" in command line');
});

/** A word in quotes: only the quote and the backslash need a backslash. */
const quoted = (word: string): string => `"${word.replace(/["\\]/g, '\\$&')}"`;

/** A word without quotes; a first quote needs a backslash, too. White space, `;` and `{` cannot be written. */
const bare = (word: string): string => word.replace(/\\/g, '\\\\').replace(/^(["'])/, '\\$1');

const byteString = (alphabet: string): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...alphabet), { maxLength: 12 }).map((bytes) => bytes.join(''));

test('any word comes back from its quoted form', () => {
  const anyByte = fc.integer({ min: 0, max: 255 }).map((n) => String.fromCharCode(n));
  const word = fc.oneof(
    fc.array(anyByte, { maxLength: 20 }).map((bytes) => bytes.join('')),
    byteString('\\"\'{};$#\n tn'),
  );
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
      assert.deepEqual(tokens(`${words.map(quoted).join(' ')};`), [...words.map((w) => `<${w}>`), ';']);
    }),
  );
});

test('a word without white space and terminators comes back from its bare form', () => {
  const word = byteString('ab\\"\'}#$()').filter((w) => w !== '' && !w.startsWith('#') && !w.startsWith('}'));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
      assert.deepEqual(tokens(`${words.map(bare).join('\n\t')};`), [...words.map((w) => `<${w}>`), ';']);
    }),
  );
});

test('any input ends in tokens or in a ConfError, and lines only grow', () => {
  const input = byteString('ab\\"\'{};$#\n ) ').chain((x) => byteString('\\"\'{};\n a').map((y) => x + y));
  fc.assert(
    fc.property(input, (text) => {
      const lexer = new Lexer(Buffer.from(text, 'latin1'), 'f');
      let { line } = lexer.position;
      try {
        while (lexer.next().kind !== 'end') {
          assert.ok(lexer.position.line >= line);
          line = lexer.position.line;
        }
        assert.equal(lexer.position.line, text.split('\n').length);
      } catch (error) {
        if (!(error instanceof ConfError)) throw error;
      }
    }),
  );
});
