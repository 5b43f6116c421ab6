// Every golden case gives nginx's own words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modules } from '../../../src/modules.ts';
import { goldenCases, runGolden } from '../../support/golden.ts';

for (const golden of goldenCases()) {
  test(`golden: ${golden.name}`, () => assert.equal(runGolden(golden, modules), golden.expected));
}
