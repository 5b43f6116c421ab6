// The variables of a block: when they are there, which names are known, and what a literal text makes of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../../src/conf/directive.ts';
import { Log } from '../../../src/core/log.ts';
import { compileKnown } from '../../../src/script/known-value.ts';
import type { Subject } from '../../../src/script/subject.ts';
import { compileValue } from '../../../src/script/value.ts';
import { type VariableSpec, Variables } from '../../../src/script/variables.ts';

const SPECS: readonly VariableSpec<Subject>[] = [
  { name: 'one', get: () => '1' },
  { name: 'x_', prefix: true, allows: (rest) => rest !== 'secret', get: (_subject, rest) => `(${rest})` },
];

/** `<name>` stands for a name in braces. */
const braced = (text: string): string => text.replace(/<(\w+)>/g, (_all, name) => ['$', `{${name}}`].join(''));

const subject = (): Subject => ({
  connection: 0,
  log: new Log([]),
  logSuffix: () => '',
  values: new Map(),
  captures: ['whole', 'first'],
});

test('variables that are there from the beginning are made once, when the first one is named', () => {
  let made = 0;
  const variables = new Variables<Subject>(() => {
    made++;
    return SPECS;
  });
  assert.deepEqual([variables.isUsed, variables.unknown(), variables.restsOf('x_'), made], [false, undefined, [], 0]);
  const value = compileValue(braced('$one <X_a> $1'), variables);
  assert.ok(!(value instanceof Fault));
  assert.deepEqual([variables.isUsed, variables.unknown(), variables.restsOf('x_'), made], [true, undefined, ['a'], 1]);
  assert.equal(value.of(subject()), '1 (a) first');
});

test('a name that a prefix does not allow is unknown', () => {
  const variables = new Variables<Subject>(() => SPECS);
  assert.deepEqual(
    ['one', 'ONE', 'x_a', 'x_secret', 'two'].map((name) => variables.knows(name)),
    [true, true, true, false, false],
  );
  assert.equal(variables.isUsed, false);
  variables.reference('x_secret');
  assert.equal(variables.unknown(), 'x_secret');
});

for (const [text, constant, shown, unknown] of [
  ['plain', 'plain', 'plain', []],
  ['$', '$', '$', []],
  ['a$$b$', 'a$$b$', 'a$$b$', ['b']],
  ['$one', undefined, '1', []],
  ['x$one-<one>y', undefined, 'x1-1y', []],
  ['$onetwo ${one', '$onetwo ${one', '$onetwo ${one', ['onetwo']],
  ['$x_a.<nope>$one', undefined, '(a).<nope>1', ['nope']],
  ['$1 <1>', '$1 <1>', '$1 <1>', ['1', '1']],
] as const) {
  test(`in ${text} known variables expand, and nothing else`, () => {
    const variables = new Variables<Subject>(() => SPECS);
    const heard: string[] = [];
    const value = compileKnown(braced(text), variables, (name) => heard.push(name));
    assert.equal(variables.unknown(), undefined);
    assert.deepEqual(
      [value.constant, value.of(subject()), heard],
      [constant === undefined ? undefined : braced(constant), braced(shown), unknown],
    );
  });
}
