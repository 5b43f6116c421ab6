// Slots: one value or many, into a typed field.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cursor } from '../../../src/conf/cursor.ts';
import type { ConfCursor, Directive, Fault } from '../../../src/conf/directive.ts';
import { Parser } from '../../../src/conf/parser.ts';
import {
  bitmaskSlot,
  enumSlot,
  flagSlot,
  keyvalSlot,
  listSlot,
  type Meta,
  msecSlot,
  numSlot,
  prefixPathSlot,
  secSlot,
  sizeSlot,
  stringSlot,
  wordsSlot,
} from '../../../src/conf/slots.ts';
import { Store } from '../../../src/conf/store.ts';
import { MemoryEnvironment } from '../../support/memory-environment.ts';

const meta: Meta = { contexts: ['mail'], syntax: 'x value;', summary: 'A value.' };

function cursor(env = new MemoryEnvironment()): ConfCursor {
  return new Cursor(env, new Parser(Buffer.alloc(0), 'f'), 'mail', new Store(), () => {});
}

/** Runs a directive with the words of each line. */
function run<C>(directive: Directive<C>, conf: C, ...lines: string[]): (string | undefined)[] {
  const texts = (fault: Fault | undefined): string | undefined =>
    fault && (fault.whole ? fault.text : `... ${fault.text}`);
  return lines.map((line) => texts(directive.set(cursor(), line === '' ? [''] : line.split(' '), conf)));
}

test('a single value is a duplicate the second time, before it is looked at', () => {
  const conf: { size: number | undefined } = { size: undefined };
  assert.deepEqual(run(sizeSlot('x', 'size', meta), conf, 'y', '4k', 'y'), [
    '... invalid value',
    undefined,
    '... is duplicate',
  ]);
  assert.equal(conf.size, 4096);
});

test('times are kept in their base unit', () => {
  const conf: { ms: number | undefined; s: number | undefined } = { ms: undefined, s: undefined };
  run(msecSlot('x', 'ms', meta), conf, '1m');
  run(secSlot('x', 's', meta), conf, '1m');
  assert.deepEqual(conf, { ms: 60_000, s: 60 });
});

test('numbers may have bounds', () => {
  const bounded = (bounds: { min: number; max?: number }, text: string): string | undefined =>
    run(numSlot('x', 'n', meta, bounds), { n: undefined }, text)[0];
  assert.equal(bounded({ min: 1 }, '0'), 'value must be equal to or greater than 1');
  assert.equal(bounded({ min: 1, max: 9 }, '10'), 'value must be between 1 and 9');
  assert.equal(bounded({ min: 1, max: 9 }, '9'), undefined);
  assert.equal(bounded({ min: 1 }, 'x'), '... invalid number');
});

test('a flag is a boolean and says what it must be', () => {
  const conf: { on: boolean | undefined } = { on: undefined };
  const directive = flagSlot('x', 'on', meta);
  assert.deepEqual(run(directive, conf, '1', 'OFF'), [
    'invalid value "1" in "x" directive, it must be "on" or "off"',
    undefined,
  ]);
  assert.equal(conf.on, false);
  assert.deepEqual(directive.doc.values, ['on', 'off']);
});

test('an enum gives the value of its word', () => {
  const conf: { mode: 'A' | 'B' | undefined } = { mode: undefined };
  assert.deepEqual(run(enumSlot('x', 'mode', { a: 'A', b: 'B' }, meta), conf, 'c', 'B'), [
    'invalid value "c"',
    undefined,
  ]);
  assert.equal(conf.mode, 'B');
});

test('a bitmask adds up over directives and warns of a word that is there already', () => {
  const env = new MemoryEnvironment();
  const conf: { auth: Set<1 | 2> | undefined } = { auth: undefined };
  const directive = bitmaskSlot('x', 'auth', { plain: 1, login: 2 }, meta);
  assert.equal(directive.set(cursor(env), ['plain', 'Plain'], conf), undefined);
  assert.equal(directive.set(cursor(env), ['LOGIN'], conf), undefined);
  assert.equal(directive.set(cursor(env), ['apop'], conf)?.text, 'invalid value "apop"');
  assert.deepEqual([...(conf.auth ?? [])], [1, 2]);
  assert.deepEqual(env.records, ['[warn] duplicate value "Plain" in f:1']);
});

test('lists, words and pairs add up', () => {
  const conf: {
    list: string[] | undefined;
    words: string[] | undefined;
    pairs: [string, string][] | undefined;
  } = { list: undefined, words: undefined, pairs: undefined };
  run(listSlot('x', 'list', meta), conf, 'a', 'b');
  run(wordsSlot('x', 'words', meta), conf, 'a b', 'c');
  run(keyvalSlot('x', 'pairs', meta), conf, 'a b', 'c d');
  assert.deepEqual(conf, {
    list: ['a', 'b'],
    words: ['a', 'b', 'c'],
    pairs: [
      ['a', 'b'],
      ['c', 'd'],
    ],
  });
});

test('strings may be empty, paths start at the prefix', () => {
  const conf: { text: string | undefined; path: string | undefined } = { text: undefined, path: undefined };
  assert.deepEqual(run(stringSlot('x', 'text', meta), conf, '', 'y'), [undefined, '... is duplicate']);
  run(prefixPathSlot('x', 'path', meta), conf, 'logs/pid');
  assert.deepEqual(conf, { text: '', path: '/p/logs/pid' });
});
