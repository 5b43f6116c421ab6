// Waits for a text in the error log of a server, for tests whose texts would be tedious as regular expressions.
import assert from 'node:assert/strict';
import { PATIENCE_MS } from './in-time.ts';
import type { MailServer } from './server.ts';

/** @param since where in the log to look from */
export async function waitRecord({ log }: MailServer, text: string, since = 0): Promise<void> {
  const found = await log.waitUntil((all) => (all.slice(since).includes(text) ? true : undefined), PATIENCE_MS);
  assert.ok(found === true, `the log has no "${text}": ${log.text().slice(since)}`);
}
