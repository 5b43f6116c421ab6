// Every golden case gives nginx's own words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coreModule } from '../../../src/core/core-module.ts';
import { eventsModule } from '../../../src/core/events-module.ts';
import { goldenCases, runGolden } from '../../support/golden.ts';

const modules = [coreModule, eventsModule];

for (const golden of goldenCases()) {
  test(`golden: ${golden.name}`, () => assert.equal(runGolden(golden, modules), golden.expected));
}
