// The layers: a file imports its own layer or lower ones, and nothing goes in circles.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Lower layers first. Files right in src belong to the layer that they are named as. */
const LAYERS = [
  'conf',
  'module',
  'core',
  'stats',
  'control',
  'net',
  'script',
  'upstream',
  'http',
  'mail',
  'modules',
  'process',
  'cli',
  'demo',
  'dashboard',
];
/** Siblings that do not know each other. */
const SEPARATE = ['mail/imap', 'mail/pop3', 'mail/smtp'];
const MAX_LINES = 300;

const SRC = fileURLToPath(new URL('../../../src/', import.meta.url));

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => /\.c?ts$/.test(name));
const text = (file: string): string => readFileSync(path.join(SRC, file), 'utf8');

function importsOf(file: string): string[] {
  return [...text(file).matchAll(/(?:from|import) '(\.[^']+)'/g)].map(([, target = '']) =>
    path.join(path.dirname(file), target),
  );
}

function layerOf(file: string): number {
  const [top = ''] = file.split('/');
  const layer = LAYERS.indexOf(top.replace(/\.ts$/, ''));
  assert.notEqual(layer, -1, `${file} is in no layer`);
  return layer;
}

test('a file imports its own layer or lower ones', () => {
  const upward = files.flatMap((file) =>
    importsOf(file)
      .filter((target) => layerOf(target) > layerOf(file))
      .map((target) => `${file} -> ${target}`),
  );
  assert.deepEqual(upward, []);
});

test('the protocols do not know each other', () => {
  const folder = (file: string): string | undefined => SEPARATE.find((name) => file.startsWith(`${name}/`));
  const across = files.flatMap((file) =>
    importsOf(file)
      .filter((target) => folder(file) !== undefined && folder(target) !== undefined && folder(file) !== folder(target))
      .map((target) => `${file} -> ${target}`),
  );
  assert.deepEqual(across, []);
});

test('what runs in a browser knows of the server what the two say to each other, and nobody imports it', () => {
  const inBrowser = (file: string): boolean => file.startsWith('dashboard/');
  const across = files.flatMap((file) =>
    importsOf(file)
      .filter((target) => inBrowser(file) !== inBrowser(target))
      .map((target) => `${file} -> ${target}`),
  );
  assert.deepEqual(
    across.filter((line) => !/^dashboard\/.* -> http\/dashboard\/messages\.ts$/.test(line)),
    [],
  );
  const browser = files.filter(inBrowser);
  assert.ok(browser.length > 0);
  // It would bring code along that is not for browsers.
  const loud = browser.filter((file) => /^import \{[^}]*\} from '\.\.\/http/m.test(text(file)));
  assert.deepEqual(loud, []);
  const outside = browser.filter((file) => /from '(?!\.)/.test(text(file)));
  assert.deepEqual(outside, []);
});

test('conf and module do no input or output', () => {
  const io = files
    .filter((file) => file.startsWith('conf/') || file.startsWith('module/'))
    .filter((file) => /from 'node:/.test(text(file)));
  assert.deepEqual(io, []);
});

test('no imports go in circles', () => {
  const done = new Set<string>();
  const walk = (file: string, trail: readonly string[]): void => {
    const seen = trail.indexOf(file);
    assert.equal(seen, -1, `circle: ${[...trail.slice(seen), file].join(' -> ')}`);
    if (done.has(file)) return;
    for (const target of importsOf(file)) walk(target, [...trail, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
});

test('a file in src is short, and says in its first line what it is', () => {
  const long = files.filter((file) => text(file).split('\n').length > MAX_LINES);
  assert.deepEqual(long, []);
  const silent = files.filter((file) => !text(file).startsWith('// '));
  assert.deepEqual(silent, []);
});

test('src has no any, and its only cast is in the typed store', () => {
  const code = (line: string): string => line.replace(/'[^']*'|"[^"]*"/g, "''").replace(/(^|\s)(\/\/|\/?\*).*$/, '');
  const isBad = (line: string): boolean => /(: |as |<)any\b/.test(line) || /[\w)\]] as (?!const\b)[A-Z]\w*;/.test(line);
  const bad = files.flatMap((file) =>
    text(file)
      .split('\n')
      .filter((line) => isBad(code(line)))
      .map((line) => `${file}: ${line.trim()}`),
  );
  assert.deepEqual(bad, ['conf/store.ts: if (this.#values.has(key)) return this.#values.get(key) as T;']);
});
