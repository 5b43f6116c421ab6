// The files of the page: where they are, and what is said where they are not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../../../src/conf/directive.ts';
import { DiskEnvironment } from '../../../../src/core/disk-environment.ts';
import { pageFolder, readPageFiles } from '../../../../src/http/dashboard/page-files.ts';

const env = () => new DiskEnvironment({ prefix: '/', confPrefix: '/', report: () => {} });

test('they are part of the package, the page under the empty name', () => {
  const files = readPageFiles(env(), pageFolder());
  assert.ok(!(files instanceof Fault), 'they have been built');
  assert.deepEqual([...files.keys()].sort(), ['', 'dashboard.css', 'dashboard.js', 'icon.svg']);
});

test('where one is missing, it is named', () => {
  const fault = readPageFiles(env(), '/nowhere/');
  assert.ok(fault instanceof Fault);
  assert.equal(fault.text, 'cannot read the dashboard\'s page "/nowhere/index.html" (2: No such file or directory)');
});
