// Regular expressions in PCRE2's syntax: what they match, what they capture, and what is refused.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Fault } from '../../../src/conf/directive.ts';
import { compileRegex, type Regex } from '../../../src/script/regex.ts';
import type { Subject } from '../../../src/script/subject.ts';
import { Variables } from '../../../src/script/variables.ts';

function compile(source: string, ignoreCase = false): Regex<Subject> {
  const regex = compileRegex(source, { ignoreCase, variables: new Variables<Subject>() });
  assert.ok(!(regex instanceof Fault), regex instanceof Fault ? regex.text : '');
  return regex;
}

const found = (source: string, text: string, ignoreCase = false): readonly (string | undefined)[] | undefined =>
  compile(source, ignoreCase).exec(text);

function refusal(source: string): string {
  const regex = compileRegex(source, { ignoreCase: false, variables: new Variables<Subject>() });
  assert.ok(regex instanceof Fault, `${source} is taken`);
  return regex.text;
}

describe('a regular expression', () => {
  /** Pattern, what it matches as a whole, and what it does not match at all. */
  const MATCHES: readonly (readonly [pattern: string, matched: readonly string[], others: readonly string[]])[] = [
    ['^/a.c$', ['/abc', '/a\rc'], ['/a\nc', '/abcd', 'x/abc']],
    ['^a$', ['a'], ['ab']],
    ['^(?s)a.c', ['a\nc'], []],
    ['\\Aa\\z', ['a'], ['a\n', 'ba']],
    ['^\\h\\H\\v\\V$', ['\tx\nx', '\xa0x\x85x', ' x\x0bx'], ['xxxx']],
    ['^\\s\\S\\d\\D\\w\\W\\N$', [' x1x_-\r'], ['\xa0x1x_-x', ' x1x\xe9-x']],
    ['^a\\Rb$', ['a\r\nb', 'a\nb', 'a\x85b'], ['a\n\nb', 'ab']],
    ['^\\R\\n', ['\r\n\n'], ['\r\n']],
    ['^\\x41\\x{42}\\103\\o{104}\\cA\\e\\a\\0$', ['ABCD\x01\x1b\x07\0'], []],
    ['^\\x$', ['\0'], ['x']],
    ['^\\Qa.b*\\E+$', ['a.b*', 'a.b**'], ['axb*', 'a.b']],
    ['^[\\Q^]\\E]$', ['^', ']'], ['\\']],
    ['^[]a]$', [']', 'a'], ['[']],
    ['^[^]a]$', ['b'], [']', 'a']],
    ['^[[:alpha:][:^alnum:]_]+$', ['aZ_-\xe9'], ['1']],
    ['^[a\\-z\\d-]+$', ['a-z1'], ['b']],
    ['^[\\b\\x41-\\x43]+$', ['\bABC'], ['b', 'D']],
    ['^a{2}b{1,}c{1,2}d{0}{$', ['aabc{'], ['abc{']],
    ['^a{,2}$', ['a{,2}'], ['aa']],
    ['^(?:a|ab)c$', ['ac', 'abc'], []],
    ['^(?>a|ab)c$', ['ac'], ['abc']],
    ['^a*+b$', ['aab'], []],
    ['^a*+ab$', [], ['aab']],
    ['^(?:a{1,2}+)a$', ['aaa'], ['aa']],
    ['^(a)(?>(b)|c)\\2(d)\\3$', ['abbdd'], ['abddd']],
    ['^(?<n>.)(?P<m>.)\\k<n>(?P=m)\\g{n}\\g1\\g{-1}$', ['ababaab'], ['ababaaa']],
    ['^(?i)ab(?-i)c(?i:D)e$', ['ABcde', 'abcDe'], ['abCDe', 'abcDE']],
    ['^a(?i)b|c$', ['aB', 'C'], ['A']],
    ['^(?x) a \\  b # c\n$', ['a b'], ['ab']],
    ['^(?U)a+(a*)$', ['aaa'], []],
    ['^(?m)b$', [], ['ab']],
    ['a(?#comment)+$', ['aa'], []],
    ['^(?<=^)a(?!b)', ['a'], ['ab']],
    ['^(?n)(a)(?<b>b)\\1$', ['abb'], []],
  ];
  for (const [pattern, matched, others] of MATCHES) {
    test(pattern, () => {
      for (const text of matched) assert.equal(found(pattern, text)?.[0], text, JSON.stringify(text));
      for (const text of others) assert.equal(found(pattern, text), undefined, JSON.stringify(text));
    });
  }

  test('ends before a newline at the end', () => {
    assert.equal(found('^a$', 'a\n')?.[0], 'a');
    assert.equal(found('^a\\Z', 'a\n')?.[0], 'a');
    assert.equal(found('^a$', 'a\n\n'), undefined);
    assert.equal(found('(?m)^b$', 'a\nb\nc')?.[0], 'b');
    assert.equal(found('(?m)^$', 'a\n'), undefined);
  });

  test('ignores the case of ASCII letters only', () => {
    assert.equal(found('^[a-c]\\x64\xe9$', 'BD\xe9', true)?.[0], 'BD\xe9');
    assert.equal(found('^\xe9$', '\xc9', true), undefined);
    assert.equal(found('^[^a]$', 'A', true), undefined);
    assert.equal(found('^[[:upper:]]$', 'a', true)?.[0], 'a');
    assert.equal(found('^[[:^upper:]]$', 'a', true), undefined);
    assert.equal(found('^(ab)\\1$', 'abAB', true)?.[0], 'abAB');
  });

  test('captures by its own numbers', () => {
    assert.deepEqual(found('^(a)(?>(b)(c))++(d)?(e)', 'abce'), ['abce', 'a', 'b', 'c', undefined, 'e']);
  });

  test('with a quote matches that text and no other', () => {
    const text = fc.string({ unit: 'binary', maxLength: 8 }).map((s) => Buffer.from(s).toString('latin1'));
    fc.assert(
      fc.property(text, text, (quoted, other) => {
        fc.pre(!quoted.includes('\\E'));
        const regex = compile(`^\\Q${quoted}\\E\\z`);
        assert.equal(regex.exec(quoted)?.[0], quoted);
        assert.equal(regex.exec(other) !== undefined, other === quoted);
      }),
    );
  });

  test('defines variables for its names', () => {
    const variables = new Variables<Subject>();
    const regex = compileRegex('(?<one>a)(?P<two>b)', { ignoreCase: false, variables });
    assert.ok(!(regex instanceof Fault));
    assert.equal(variables.unknown(), undefined);
    variables.provide({ name: 'host', get: () => '' });
    const clash = compileRegex('(?<host>a)', { ignoreCase: false, variables });
    assert.ok(clash instanceof Fault);
    assert.equal(clash.text, 'the duplicate "host" variable');
  });
});

describe('a refused regular expression', () => {
  const MESSAGES: readonly (readonly [pattern: string, message: string, rest?: string])[] = [
    ['(', 'missing closing parenthesis'],
    ['a)', 'unmatched closing parenthesis', ')'],
    ['[a', 'missing terminating ] for character class'],
    ['[z-a]', 'range out of order in character class', 'a]'],
    ['[a-\\d]', 'invalid range in character class', ']'],
    ['[\\d-z]', 'invalid range in character class', '-z]'],
    ['[[:foo:]]', 'unknown POSIX class name', 'foo:]]'],
    ['[[.a.]]', 'POSIX collating elements are not supported', '[.a.]]'],
    ['[\\R]', 'escape sequence is invalid in character class', 'R]'],
    ['\\', '\\ at end of pattern'],
    ['a**', 'quantifier does not follow a repeatable item', '*'],
    ['^*', 'quantifier does not follow a repeatable item', '*'],
    ['{1}', 'quantifier does not follow a repeatable item', '}'],
    ['a{65536}', 'number too big in {} quantifier', '}'],
    ['a{3,1}', 'numbers out of order in {} quantifier', '}'],
    ['(?a)', 'unrecognized character after (? or (?-', 'a)'],
    ['(?Px)', 'unrecognized character after (?P', 'x)'],
    ['(?<1>a)', 'subpattern name must start with a non-digit', '1>a)'],
    ['(?<a-b>x)', 'syntax error in subpattern name (missing terminator?)', '-b>x)'],
    ['(?#a', 'missing ) after (?# comment'],
    ['(a)\\2', 'reference to non-existent subpattern', '2'],
    ['\\k<a>', 'reference to non-existent subpattern', 'a>'],
    ['\\x{100}', 'character code point value in \\x{} or \\o{} is too large', '}'],
    ['\\x{g}', 'non-hex character in \\x{} (closing brace missing?)', 'g}'],
    ['\\y', 'unrecognized character follows \\', 'y'],
    ['\\L', 'PCRE2 does not support \\F, \\L, \\l, \\N{name}, \\U, or \\u'],
  ];
  for (const [pattern, message, rest] of MESSAGES) {
    test(pattern, () => {
      const at = rest === undefined ? '' : ` at "${rest}"`;
      assert.equal(refusal(pattern), `pcre2_compile() failed: ${message} in "${pattern}"${at}`);
    });
  }

  test('too many parentheses', () => {
    assert.match(
      refusal('('.repeat(251) + ')'.repeat(251)),
      /^pcre2_compile\(\) failed: parentheses are too deeply nested/,
    );
    compile('('.repeat(250) + ')'.repeat(250));
  });

  for (const piece of ['(?R)', '(?1)', '(?&a)', '(?|a)', '(?(1)', '(?C)', '(*UTF8)', '\\K', '\\p{L}', '\\X', '[:<:]']) {
    test(`since JavaScript has no ${piece}`, () => {
      const source = piece.startsWith('[') ? `[${piece}]` : `(a)${piece}`;
      assert.equal(refusal(source), `"${piece}" in the regular expression "${source}" is not implemented in Postern`);
    });
  }
});
