// The documentation hangs together: links lead somewhere, every page is linked, and the text keeps to its form.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { allDocuments, blocksOf, linkFault, linksOf, proseOf, readDocument } from '../../docs/markdown.ts';
import { ROOT } from '../../support/target.ts';

const documents = allDocuments();
const MAX_LINE = 120;

test('every link within the project leads somewhere', () => {
  const faults = documents.flatMap((from) => linksOf(from).map((target) => linkFault(from, target)));
  assert.deepEqual(
    faults.filter((fault) => fault !== undefined),
    [],
  );
});

test('the README links every page', () => {
  const linked = new Set(linksOf(readDocument('README.md')));
  const missing = documents.map(({ name }) => name).filter((name) => name !== 'README.md' && !linked.has(name));
  assert.deepEqual(missing, []);
});

test('files of the project that the text names are there', () => {
  const gone: string[] = [];
  for (const { name, text } of documents) {
    for (const [, file = ''] of text.matchAll(/`((?:src|test|conf|docs|bin)\/[\w./-]+)`/g)) {
      const folder = join(ROOT, file, '..');
      const last = file.replace(/\/$/, '').split('/').at(-1) ?? '';
      const known = readdirSync(folder.endsWith('/') ? join(folder, '.') : folder);
      if (!known.includes(last)) gone.push(`${name}: ${file}`);
    }
  }
  assert.deepEqual(gone, []);
});

test('lines of prose have at most 120 characters and no white space at the end', () => {
  const bad: string[] = [];
  for (const { name, text } of documents) {
    if (name === 'docs/directives.md') continue; // made of the table
    for (const [i, line] of proseOf(text).split('\n').entries()) {
      const tooLong = line.length > MAX_LINE && !line.startsWith('|') && !line.includes('](');
      if (tooLong || /\s$/.test(line)) bad.push(`${name}:${i + 1}`);
    }
    assert.ok(text.endsWith('\n') && !text.endsWith('\n\n'), `${name} ends in one newline`);
  }
  assert.deepEqual(bad, []);
});

test('blocks are in a language that a test knows', () => {
  const known = new Set(['sh', 'console', 'nginx', 'js', 'ts', 'ini', 'text', 'http', 'json']);
  for (const block of documents.flatMap(blocksOf)) {
    assert.ok(known.has(block.language), `${block.document}:${block.line}: ${block.language}`);
  }
});

test('the changelog knows the version of the package', () => {
  const manifest: unknown = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  assert.ok(typeof manifest === 'object' && manifest !== null && 'version' in manifest);
  assert.match(readDocument('CHANGELOG.md').text, new RegExp(`^## \\[${String(manifest.version)}\\]`, 'm'));
});

test('every dependency is explained', () => {
  const manifest: unknown = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  assert.ok(typeof manifest === 'object' && manifest !== null);
  const { text } = readDocument('docs/dependencies.md');
  for (const [field, value] of Object.entries(manifest)) {
    if (!/^(?:dependencies|devDependencies|peerDependencies)$/.test(field)) continue;
    for (const name of Object.keys(value)) {
      assert.ok(text.includes(`\`${name}\``), `docs/dependencies.md says nothing of ${name} (${field})`);
    }
  }
});
