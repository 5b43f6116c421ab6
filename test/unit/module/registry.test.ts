// One name may have a definition for each context, but only one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { args, type BoundDirective, type ContextName } from '../../../src/conf/directive.ts';
import { indexDirectives } from '../../../src/module/registry.ts';

const directive = (name: string, ...contexts: ContextName[]): BoundDirective => ({
  name,
  contexts,
  arity: args(1),
  doc: { syntax: '', summary: '' },
  apply: () => undefined,
});

test('definitions of one name keep the order of their modules', () => {
  const first = directive('error_log', 'main');
  const second = directive('error_log', 'mail', 'mail.server');
  const index = indexDirectives([
    { name: 'core', directives: [first] },
    { name: 'mail', directives: [second, directive('listen', 'mail.server')] },
  ]);
  assert.deepEqual(index.get('error_log'), [first, second]);
  assert.equal(index.get('listen')?.length, 1);
  assert.equal(index.get('bogus'), undefined);
});

test('two definitions in one context are an error of the program', () => {
  const twice = [directive('listen', 'mail.server'), directive('listen', 'mail', 'mail.server')];
  assert.throws(
    () => indexDirectives([{ name: 'mail', directives: twice }]),
    /^Error: mail defines listen a second time in mail\.server$/,
  );
});
