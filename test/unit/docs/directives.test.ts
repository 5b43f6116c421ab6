// The directive table is complete, and docs/directives.md is in step with it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DirectiveEntry, INCLUDE, LOAD_MODULE } from '../../../src/conf/built-in.ts';
import { directivesAsJson } from '../../../src/conf/describe.ts';
import { modules } from '../../../src/modules.ts';
import { NGINX_DIRECTIVES, OWN_DIRECTIVES } from '../../docs/directive-names.ts';
import { directivesPage, withGeneratedParts } from '../../docs/generated.ts';
import { NGINX_HTTP_DIRECTIVES } from '../../docs/http-directive-names.ts';
import { httpDirectivesPage } from '../../docs/http-directives.ts';
import { allDocuments, readDocument } from '../../docs/markdown.ts';

const table: readonly DirectiveEntry[] = [INCLUDE, LOAD_MODULE, ...modules.flatMap((module) => module.directives)];
const MANY = Number.POSITIVE_INFINITY;

function expectedIn(context: keyof typeof NGINX_DIRECTIVES): string[] {
  const names = [...NGINX_DIRECTIVES[context].split(/\s+/), ...(OWN_DIRECTIVES[context] ?? [])].sort();
  if (context !== 'mail.server') return names;
  const inherited = NGINX_DIRECTIVES.mail.split(/\s+/).filter((name) => name !== 'server');
  return [...inherited, ...names].sort();
}

test('docs/directives.md is what the table says; npm run docs writes it', () => {
  assert.equal(readDocument('docs/directives.md').text, directivesPage());
});

test('docs/http-directives.md is what the table says; npm run docs writes it', () => {
  assert.equal(readDocument('docs/http-directives.md').text, httpDirectivesPage());
});

test('the generated parts of the other pages are in step; npm run docs writes them', () => {
  for (const { name, text } of allDocuments()) assert.equal(text, withGeneratedParts(text), name);
});

for (const context of ['main', 'events', 'mail', 'mail.server', 'mail.upstream', 'mail.match'] as const) {
  test(`every directive of nginx in the context ${context} is in the table, and no other but our own`, () => {
    const names = table.filter((directive) => directive.contexts.includes(context)).map(({ name }) => name);
    assert.deepEqual(names.sort(), expectedIn(context));
  });
}

test('every directive of nginx in the http block is in the table, wherever it may stand', () => {
  const allowed = new Map<string, Set<string>>();
  for (const { name, contexts } of table) allowed.set(name, new Set([...(allowed.get(name) ?? []), ...contexts]));
  for (const { contexts, names } of NGINX_HTTP_DIRECTIVES) {
    for (const name of names.split(/\s+/)) {
      const missing = contexts.split(' ').filter((context) => allowed.get(name)?.has(context) !== true);
      assert.deepEqual(missing, [], `${name} is unknown in`);
    }
  }
});

test('no directive is defined twice for one context', () => {
  const seen = new Set<string>();
  for (const { name, contexts } of table) {
    for (const context of contexts) {
      assert.ok(!seen.has(`${name} ${context}`), `${name} in ${context}`);
      seen.add(`${name} ${context}`);
    }
  }
});

test('every directive says what it is, how it is written and where', () => {
  for (const { name, contexts, arity, doc } of table) {
    assert.ok(contexts.length > 0, `${name} is allowed nowhere`);
    assert.match(doc.summary, /^[A-Z].*\.$/, name);
    const forms = doc.syntax.match(/[^;}]+[;}]/g) ?? [];
    assert.ok(forms.length > 0, `${name} has no syntax`);
    for (const form of forms) {
      const [shown] = /^\w+(?=[ ;])/.exec(form.trimStart()) ?? [];
      assert.equal(shown, name, `the syntax of ${name} is of another directive: ${form}`);
      assert.equal(form.endsWith('{ ... }'), arity.kind === 'block', `${name}: ${form}`);
    }
    if (arity.kind === 'args' && arity.max === MANY) assert.match(doc.syntax, /\.\.\.|\[/, name);
    if (arity.kind === 'flag') assert.deepEqual(doc.values, ['on', 'off'], name);
  }
});

test('a default is the value alone', () => {
  for (const { name, doc } of table) {
    if (doc.default === undefined) continue;
    assert.doesNotMatch(doc.default, /;|^$/, name);
    assert.notEqual(doc.default.split(' ')[0], name);
  }
});

test('a flag, a number, a size or a time has a default, unless nginx has none', () => {
  const without = new Set(['worker_rlimit_nofile', 'worker_rlimit_core', 'timer_resolution']);
  for (const { name, arity, doc } of table) {
    if (doc.group !== undefined) continue; // those are documented together
    const plain = arity.kind === 'flag' || /^\w+ (?:number|size|time|interval)( \| \w+)?;$/.test(doc.syntax);
    if (plain && !without.has(name)) assert.notEqual(doc.default, undefined, `${name} has no default`);
  }
});

test('no two directives have the same summary', () => {
  // Those of proxy_… and fastcgi_… mean the same, and so do proxy_ssl_…, auth_http_ssl_… and ssl_….
  const meaningOf = (name: string): string => name.replace(/^(?:proxy|fastcgi|auth_http)_/, '');
  const seen = new Map<string, string>();
  for (const { name, doc } of table) {
    if (doc.group !== undefined) continue;
    const known = seen.get(doc.summary) ?? meaningOf(name);
    assert.equal(meaningOf(name), known, `${name} is described as ${known} is`);
    seen.set(doc.summary, known);
  }
});

test('the table as JSON holds every directive', () => {
  const list: unknown = JSON.parse(directivesAsJson(modules));
  assert.ok(Array.isArray(list));
  assert.equal(list.length, table.length);
});
