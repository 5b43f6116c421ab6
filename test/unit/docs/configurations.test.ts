// Every piece of configuration in the documentation passes -t, and so do the files in conf.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { completed, testConfiguration } from '../../docs/configurations.ts';
import { allDocuments, blocksOf } from '../../docs/markdown.ts';
import { ROOT } from '../../support/target.ts';

for (const document of allDocuments()) {
  for (const { line, language, text } of blocksOf(document)) {
    if (language !== 'nginx') continue;
    test(`${document.name}:${line}: the configuration passes -t`, () => {
      assert.deepEqual(testConfiguration(completed(text)).warnings, []);
    });
  }
}

for (const name of readdirSync(join(ROOT, 'conf')).filter((file) => file.endsWith('.conf'))) {
  test(`conf/${name} passes -t`, () => {
    assert.deepEqual(testConfiguration(readFileSync(join(ROOT, 'conf', name), 'latin1')).warnings, []);
  });
}
