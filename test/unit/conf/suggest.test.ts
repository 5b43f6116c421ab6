// The nearest name for a misspelt directive.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestName } from '../../../src/conf/suggest.ts';

const KNOWN = ['worker_processes', 'worker_priority', 'error_log', 'env', 'pid', 'user'];

const CASES: readonly (readonly [name: string, near: string | undefined])[] = [
  ['worker_process', 'worker_processes'],
  ['worker_proceses', 'worker_processes'],
  ['eror_log', 'error_log'],
  ['error_lgo', 'error_log'],
  ['usr', 'user'],
  ['Env', 'env'],
  ['xyz', undefined],
  ['x', undefined],
  ['', undefined],
  ['ssl_certificate', undefined],
];

for (const [name, near] of CASES) {
  test(`${JSON.stringify(name)} is near ${near ?? 'nothing'}`, () => assert.equal(nearestName(name, KNOWN), near));
}
