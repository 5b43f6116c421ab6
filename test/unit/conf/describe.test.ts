// The directive table as Markdown and JSON.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directivesAsJson, directivesAsMarkdown } from '../../../src/conf/describe.ts';
import { args, block, flag } from '../../../src/conf/directive.ts';

const modules = [
  {
    name: 'm',
    directives: [
      {
        name: 'zeta',
        contexts: ['mail', 'mail.server'],
        arity: flag,
        doc: { syntax: 'zeta on | off;', default: 'off', summary: 'Last.', values: ['on', 'off'], noEffect: 'why not' },
      },
      { name: 'mail', contexts: ['main'], arity: block, doc: { syntax: 'mail { ... }', summary: 'Block.' } },
      {
        name: 'alpha',
        contexts: ['mail', 'mail.server'],
        arity: args(1, Number.POSITIVE_INFINITY),
        doc: { syntax: 'alpha word ...;', summary: 'First.' },
      },
    ],
  },
] as const;

test('directives are grouped by context and sorted by name', () => {
  const text = directivesAsMarkdown(modules);
  const headings = text.split('\n').filter((line) => line.startsWith('#'));
  assert.deepEqual(headings, [
    '# Directives',
    '## Any context',
    '### include',
    '## Context main',
    '### load_module',
    '### mail',
    '## Context mail, server',
    '### alpha',
    '### zeta',
  ]);
});

test('an entry tells syntax, default, words, context and why it has no effect', () => {
  const text = directivesAsMarkdown(modules);
  assert.equal(
    text.slice(text.indexOf('### zeta')),
    [
      '### zeta',
      '',
      'Last.',
      '',
      '* Syntax: `zeta on | off;`',
      '* Default: `off`',
      '* Values: `on`, `off`',
      '* Context: mail, server',
      '* No effect here: why not.',
      '',
    ].join('\n'),
  );
});

test('JSON holds the whole table', () => {
  const list: unknown = JSON.parse(directivesAsJson(modules));
  assert.ok(Array.isArray(list));
  assert.deepEqual(list.slice(2), [
    {
      name: 'alpha',
      contexts: ['mail', 'mail.server'],
      block: false,
      arguments: { min: 1, max: null },
      ...modules[0].directives[2].doc,
    },
    { name: 'mail', contexts: ['main'], block: true, arguments: { min: 0, max: 0 }, ...modules[0].directives[1].doc },
    {
      name: 'zeta',
      contexts: ['mail', 'mail.server'],
      block: false,
      arguments: { min: 1, max: 1 },
      ...modules[0].directives[0].doc,
    },
  ]);
});
