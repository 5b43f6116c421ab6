// The words for how sessions end: the documentation has each of them, with its status.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SESSION_ENDS } from '../../../src/mail/session/end.ts';
import { ROOT } from '../../support/target.ts';

test('docs/logging.md has the words and their statuses', () => {
  const text = readFileSync(join(ROOT, 'docs', 'logging.md'), 'utf8');
  const [, table = ''] = text.split('### How sessions end');
  const rows = [...table.matchAll(/^\| `(\w+)` \| (\d{3}) \| \S.* \|$/gm)].map(([, word = '', status]) => [
    word,
    Number(status),
  ]);
  assert.deepEqual(Object.fromEntries(rows), SESSION_ENDS);
  assert.equal(rows.length, Object.keys(SESSION_ENDS).length);
});
