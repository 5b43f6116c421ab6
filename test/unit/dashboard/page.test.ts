// The page and its script belong together, and neither needs anything that its policy forbids.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../support/target.ts';

const FOLDER = join(ROOT, 'src/dashboard');
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

const page = read('index.html');
const scripts = readdirSync(FOLDER).filter((name) => name.endsWith('.ts'));
const styles = readdirSync(join(FOLDER, 'style')).map((name) => join('style', name));

test('every element that the script needs is in the page', () => {
  const missing = scripts.flatMap((name) =>
    [...read(name).matchAll(/(?:need|clone)(?:<\w+>)?\(\s*'#([\w-]+)/g)]
      .map(([, id = '']) => id)
      .filter((id) => !page.includes(`id="${id}"`))
      .map((id) => `${name}: #${id}`),
  );
  assert.deepEqual(missing, []);
});

test('ids are there once, and labels, links and descriptions lead to one', () => {
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id);
  assert.equal(new Set(ids).size, ids.length);
  const targets = [...page.matchAll(/ (?:href="#|aria-labelledby="|aria-describedby="|list=")([^"]+)"/g)];
  assert.ok(targets.length > 5);
  assert.deepEqual(
    targets.map(([, id = '']) => id).filter((id) => !ids.includes(id)),
    [],
  );
});

test('there is no script or style within the page, and nothing from outside', () => {
  assert.doesNotMatch(page, /<style| style=| on\w+=|javascript:/i);
  for (const [script] of page.matchAll(/<script[^>]*>[^<]*<\/script>/g))
    assert.match(script, /src="dashboard\.js"><\//);
  const linked = [...page.matchAll(/(?:src|href)="([^"#][^"]*)"/g)].map(([, link]) => link);
  assert.deepEqual([...new Set(linked)].sort(), ['dashboard.css', 'dashboard.js', 'icon.svg']);
  for (const name of styles) assert.doesNotMatch(read(name), /url\(|@font-face|https?:/, name);
});

test('the script makes no markup of text', () => {
  for (const name of scripts) {
    assert.doesNotMatch(
      read(name),
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|setAttribute\('style'|DOMParser/,
      name,
    );
  }
});
