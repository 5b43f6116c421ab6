// The dashboard in Chromium, with a master, two workers, sessions and backends behind it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type BrowserDashboard,
  overflowOf,
  type Shown,
  showDashboard,
  startBrowserDashboard,
} from '../support/browser-dashboard.ts';
import { startChromium, withoutChromium } from '../support/chromium.ts';
import { workersIn } from '../support/master.ts';
import { defaultTarget } from '../support/target.ts';

const skip = withoutChromium(defaultTarget().name === 'nginx' ? 'nginx has no dashboard' : undefined);

const SESSIONS = 200;

/** A figure of the headline. */
const says = ({ headline }: Shown, text: string): Promise<void> => headline.getByText(text).first().waitFor();

test('a page that watches a busy server', { skip }, async (t) => {
  const browser = await startChromium(t);
  const site: BrowserDashboard = await startBrowserDashboard(t);
  const shown = await showDashboard(t, browser, site.url);
  const { page, rows, complaints } = shown;

  await t.test('says how it is without sessions', async () => {
    await says(shown, '0');
    await page.getByText('There are no sessions.').waitFor();
    assert.equal(await rows.count(), 0);
    await says(shown, 'All 2 backends are up.');
  });

  await t.test('shows 200 sessions of both workers, a page of them as rows', async () => {
    for (let user = 0; user < SESSIONS; user += 20) {
      await Promise.all(Array.from({ length: 20 }, (_, index) => site.enter(`user${user + index}@example.org`)));
    }
    await says(shown, String(SESSIONS));
    await page.getByText(`${SESSIONS} live sessions`).waitFor();
    assert.equal(await rows.count(), 50);
    await page.getByText(`1–50 of ${SESSIONS}`).waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText(`51–100 of ${SESSIONS}`).waitFor();
    await page.getByRole('button', { name: 'First' }).click();
    await page.getByText(`1–50 of ${SESSIONS}`).waitFor();
    assert.equal(await page.locator('#workers tbody tr').count(), 2);
  });

  await t.test('shows of which user the sessions are that the filter names', async () => {
    await page.getByLabel('User', { exact: true }).fill('user7@example.org');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByText('1 session fits').waitFor();
    assert.match((await rows.first().textContent()) ?? '', /user7@example\.org/);
    await page.getByLabel('Client', { exact: true }).fill('nowhere');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByText('An address or a network').waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByText(`${SESSIONS} live sessions`).waitFor();
  });

  await t.test('a refused login is in the tail', async () => {
    const wire = await site.enter('eve');
    await page.locator('.events li', { hasText: 'refused' }).filter({ hasText: 'eve' }).first().waitFor();
    wire.destroy();
    await page.locator('.events li', { hasText: 'ends' }).first().waitFor();
  });

  await t.test('a session is ended by a click, when that is confirmed', async () => {
    const wire = await site.enter('leaving@example.org');
    await page.getByLabel('User', { exact: true }).fill('leaving@example.org');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByText('1 session fits').waitFor();
    const end = page.getByRole('button', { name: 'End the session of leaving@example.org' });
    await end.click();
    await page.getByRole('button', { name: 'Keep it' }).click();
    await end.click();
    await page.getByRole('button', { name: 'End session' }).click();
    await page.getByText('The session of leaving@example.org is ended.').waitFor();
    await wire.closed(20_000);
    await page.getByText('No session fits.').waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByText(`${SESSIONS} live sessions`).waitFor();
  });

  await t.test('a backend that goes down is seen, and that it is up again', async () => {
    const [backend] = site.backends;
    assert.ok(backend !== undefined);
    const row = page.locator('#backends-table tr', { hasText: `${backend.host}:${backend.port}` });
    await row.getByText('up', { exact: true }).waitFor();
    backend.close();
    await row.getByText('unhealthy').waitFor();
    await says(shown, '1 of 2 backends is failing.');
    await site.revive(0);
    await row.getByText('up', { exact: true }).waitFor();
    await says(shown, 'All 2 backends are up.');
  });

  await t.test('names of users are text, however they look, and the layout holds', async () => {
    const markup = '<img src=x onerror="document.title=1">';
    const long = 'x'.repeat(4096);
    await Promise.all([markup, long, '\u202ereversed'].map((user) => site.enter(user)));
    await page
      .locator('.events bdi', { hasText: 'x'.repeat(256) })
      .first()
      .waitFor();
    for (const [name, text] of [
      [markup, markup],
      ['\u202ereversed', '‹202E›reversed'],
    ] as const) {
      await page.getByLabel('User', { exact: true }).fill(name);
      await page.getByRole('button', { name: 'Filter' }).click();
      await rows.locator('bdi').getByText(text, { exact: true }).waitFor();
    }
    assert.equal(await page.locator('img').count(), 1);
    for (const width of [360, 820, 1440]) {
      await page.setViewportSize({ width, height: 800 });
      assert.equal(await overflowOf(page), 0, `${width} pixels`);
    }
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByText(/^\d+ live sessions$/).waitFor();
  });

  await t.test('keeps up when the server is reloaded, with what it has drawn', async () => {
    await page.getByText('Configuration 1,').waitFor();
    const live = page.getByText(/^\d+ live sessions$/);
    const many = (await live.textContent()) ?? '';
    const before = workersIn(site.server.log.text()).length;
    site.server.signal('SIGHUP');
    await page.getByText('Configuration 2,').waitFor();
    await page.locator('[data-link="live"]').waitFor();
    assert.equal(workersIn(site.server.log.text()).length, before + 2);
    // The workers of before keep their sessions.
    await page.locator('#workers').getByText('draining').first().waitFor();
    await page.getByText('Connected. The figures are live.').waitFor();
    await page.getByText(many, { exact: true }).waitFor();
  });

  assert.deepEqual(complaints, []);
});
