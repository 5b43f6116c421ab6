// Lines of access logs: text, and what variables write or are, with what stands where there is no value.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../../src/conf/directive.ts';
import { Log } from '../../../src/core/log.ts';
import { LogLine } from '../../../src/core/log-line.ts';
import { ESCAPES } from '../../../src/script/log/escape.ts';
import { LogFormats } from '../../../src/script/log/format.ts';
import type { Subject } from '../../../src/script/subject.ts';
import { type VariableSpec, Variables, written } from '../../../src/script/variables.ts';

interface Line extends Subject {
  readonly said: string | undefined;
}

const saying = (said: string | undefined): Line => ({
  said,
  connection: 0,
  log: new Log([]),
  logSuffix: () => '',
  values: new Map(),
  captures: [],
});

const VARIABLES: readonly VariableSpec<Line>[] = [
  { name: 'said', get: ({ said }) => said },
  {
    name: 'raw',
    ...written<Line>(({ said }, line) => {
      if (said === undefined) return false;
      line.text(said);
      return true;
    }),
    volatile: true,
  },
  {
    name: 'safe',
    ...written<Line>((_subject, line) => {
      line.number(7);
      return true;
    }),
    volatile: true,
    safe: true,
  },
];

function lineOf(said: string | undefined, ...words: readonly string[]): string | Fault {
  const formats = new LogFormats<Line>('$said', ESCAPES);
  const variables = new Variables<Line>(() => VARIABLES);
  const fault = formats.define('one', words, variables);
  if (fault !== undefined) return fault;
  const line = new LogLine();
  formats.find('one', variables)?.write(saying(said), line);
  return line.since(0);
}

test('text stands before, between and behind variables, in one word or several', () => {
  assert.equal(lineOf('x', 'a $said', ['-$', '{raw}b$safe'].join(''), ' c'), 'a x-xb7 c\n');
  assert.equal(lineOf('x', 'no variable'), 'no variable\n');
  assert.equal(lineOf('x', '$said$raw'), 'xx\n');
});

test('values are escaped, whichever way they come, and what is safe is not looked at', () => {
  assert.equal(lineOf('"\n', '"$said" "$raw"'), '"\\x22\\x0A" "\\x22\\x0A"\n');
  assert.equal(lineOf('"\xff', 'escape=json', '$said $raw $safe'), '\\"\xff \\"\xff 7\n');
  assert.equal(lineOf('"\n', 'escape=none', '$said|$raw'), '"\n|"\n\n');
});

test('without a value there is a dash, or nothing', () => {
  assert.equal(lineOf(undefined, '$said $raw'), '- -\n');
  assert.equal(lineOf(undefined, 'escape=json', '[$said$raw]'), '[]\n');
  assert.equal(lineOf('', '[$said$raw]'), '[]\n');
});

test('a written value is a text like any other where something else asks for it', () => {
  const variables = new Variables<Line>(() => VARIABLES);
  assert.equal(variables.reference('raw').of(saying('two')), 'two');
  assert.equal(variables.reference('safe').of(saying('two')), '7');
  assert.equal(variables.reference('raw').of(saying(undefined)), undefined);
});

test('what is wrong with a format is said', () => {
  for (const words of [[['$', '{said'].join('')], ['$ x'], ['escape=xml', 'x']])
    assert.ok(lineOf('x', ...words) instanceof Fault);
});
