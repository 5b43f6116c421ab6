// mail_dashboard: the page and its files, and what a page that watches is told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dashboardSite } from '../support/dashboard-site.ts';
import { defaultTarget } from '../support/target.ts';

const skip = defaultTarget().name === 'nginx' && 'nginx has no dashboard';

test('hello, then what goes on every second', { skip }, async (t) => {
  const { watch, enter } = await dashboardSite(t);
  const page = await watch();
  const hello = await page.next('hello');
  assert.equal(hello.api, '/api');
  assert.equal(hello.intervalMs, 1000);
  const first = await page.next('now');
  assert.deepEqual(first.sessions, { imap: 0, smtp: 0 });
  await enter();
  await page.next('now', ({ sessions, ok }) => sessions.imap === 1 && ok > 0);
  await page.ask({ question: 7 });
  await page.next('sessions');
});
