// The dashboard's page in Chromium, at a feed that says what it is told: many sessions, hostile names, a keyboard.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import axe from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { overflowOf, type Shown, showDashboard } from '../support/browser-dashboard.ts';
import { startChromium, withoutChromium } from '../support/chromium.ts';
import { Cleanup, type Scope } from '../support/cleanup.ts';
import { HOSTILE_USERS, Scene, type SceneOptions } from '../support/dashboard-scene.ts';
import { type DashboardStub, startDashboardStub } from '../support/dashboard-stub.ts';
import { ROOT } from '../support/target.ts';

const skip = withoutChromium();

/** The same in each run, so that pictures are too. */
const START = Date.UTC(2026, 2, 17, 10, 42, 7);
const IMAGES = join(ROOT, 'docs/images');

interface Opened extends Shown {
  readonly stub: DashboardStub;
  readonly scene: Scene;
}

/** One for all: to start it takes longer than a test. */
const ends = new Cleanup();
const started = skip === false ? startChromium(ends) : undefined;
after(() => ends.run());

async function open(scope: Scope, scene: Partial<SceneOptions>, options: BrowserContextOptions = {}): Promise<Opened> {
  const shared = new Scene({ sessions: 50_000, startedMs: START, ...scene });
  const stub = await startDashboardStub(scope, () => shared, '/api');
  stub.nowMs = START;
  assert.ok(started !== undefined);
  const shown = await showDashboard(scope, await started, stub.url, { timezoneId: 'UTC', ...options });
  return { ...shown, stub, scene: shared };
}

const clock = (atMs: number): string => new Date(atMs).toISOString().slice(11, 19);

/** What is drawn is drawn. */
const frames = (page: Page): Promise<unknown> =>
  page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))');

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found =
    await page.evaluate<string>(`axe.run({ resultTypes: ['violations'] }).then(({ violations }) => JSON.stringify(
    violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ target }) => target.join(' ')).join(', '))))`);
  const list: string[] = JSON.parse(found);
  return list;
}

test('at 50,000 sessions the page has no more rows, and goes on drawing', { skip }, async (t) => {
  const { page, stub, rows, complaints } = await open(t, { trouble: true });
  await page.getByLabel('Rows').selectOption('100');
  await page.getByText('1–100 of 50,000').waitFor();
  await page.evaluate(`{
    window.times = [];
    let last = performance.now();
    const tick = (now) => { times.push(now - last); last = now; requestAnimationFrame(tick); };
    requestAnimationFrame(tick);
    window.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
    }).observe({ type: 'longtask' });
  }`);
  const elements = await page.evaluate<number>('document.querySelectorAll("*").length');
  // Half a minute of messages, and each has a hundred sessions and fifty events.
  for (let second = 1; second <= 30; second++) {
    stub.nowMs = START + second * 1000;
    stub.tell(50);
    await page.locator('#events time').getByText(clock(stub.nowMs)).first().waitFor();
    await frames(page);
  }
  const text = await page.evaluate<string>(`{
    const sorted = times.slice(5).sort((one, other) => one - other);
    const at = (share) => sorted[Math.floor(share * (sorted.length - 1))].toFixed(1);
    [sorted.length + ' frames', 'median ' + at(0.5) + ' ms', '99% ' + at(0.99) + ' ms', 'longest ' + at(1) + ' ms',
      'longest task ' + longest + ' ms'].join(', ');
  }`);
  t.diagnostic(text);
  assert.equal(await rows.count(), 100);
  assert.equal(await page.locator('#events li').count(), 100);
  const grown = (await page.evaluate<number>('document.querySelectorAll("*").length')) - elements;
  assert.ok(grown < 1500, `${grown} more elements`);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('101–200 of 50,000').waitFor();
  assert.deepEqual(complaints, []);
});

test('hostile names are text, nothing of them runs, and the layout holds at any width', { skip }, async (t) => {
  const { page, stub, rows, complaints } = await open(t, { sessions: 60, hostile: true });
  stub.tell(60);
  await page.locator('#events li').first().waitFor();
  for (const name of [HOSTILE_USERS[0] ?? '', HOSTILE_USERS[5] ?? '']) {
    await rows.locator('bdi').getByText(name, { exact: true }).waitFor();
  }
  await rows.locator('bdi').getByText('‹202E›gnp.exe‹2066›‹00›‹07›‹1B›[31m', { exact: true }).waitFor();
  assert.equal(await page.locator('img, main script').count(), 1, 'the icon alone');
  const heights = await page.evaluate<string>(
    'JSON.stringify([...document.querySelectorAll("#session-rows tr")].map((row) => Math.round(row.offsetHeight)))',
  );
  const all: number[] = JSON.parse(heights);
  assert.ok(Math.max(...all) - Math.min(...all) <= 2, `rows are of one height: ${heights}`);
  for (const width of [320, 360, 700, 960, 1160, 1440]) {
    await page.setViewportSize({ width, height: 800 });
    await frames(page);
    assert.equal(await overflowOf(page), 0, `${width} pixels`);
  }
  // By keyboard all of a name is read.
  await page.locator('.user').nth(1).focus();
  await page.keyboard.press('Tab');
  const tall = await page.evaluate<number>('document.querySelectorAll("#session-rows tr")[1].offsetHeight');
  assert.ok(tall > 3 * Math.max(...all), `the row with the focus is ${tall} pixels high`);
  // The dialog shows all of it, and holds as well.
  await page.setViewportSize({ width: 360, height: 640 });
  await page.locator('.end').nth(1).click();
  await page
    .getByRole('dialog')
    .getByText(`${'x'.repeat(256)}…`)
    .waitFor();
  assert.equal(await overflowOf(page), 0);
  assert.doesNotMatch(await page.title(), /owned/);
  assert.deepEqual(complaints, []);
});

test('when the server is gone the page says so, and comes back by itself with what it had', { skip }, async (t) => {
  const { page, stub, rows } = await open(t, { sessions: 60 });
  await rows.first().waitFor();
  stub.isDown = true;
  for (const viewer of stub.viewers) viewer.close(1013, 'too many <b>viewers</b>');
  await page.locator('[data-link="lost"]').waitFor();
  await page.getByText('The connection is lost. It is tried again by itself.').waitFor();
  await page.getByText('The server said: too many <b>viewers</b>.').waitFor();
  assert.equal(await rows.count(), 50, 'what was shown stays');
  stub.isDown = false;
  await page.locator('[data-link="live"]').waitFor();
  await page.getByText('Connected. The figures are live.').waitFor();
  assert.equal(await page.locator('#trouble').isVisible(), false);
  // A restart is no loss: nothing is said aloud, and the same sessions are asked for.
  await page.locator('select[name=protocol]').selectOption('pop3');
  await page.getByText(/sessions fit$/).waitFor();
  const [viewer] = stub.viewers;
  const before = stub.watch?.question;
  viewer?.close(1012);
  await page.locator('[data-link="live"]').waitFor();
  stub.tell();
  await page.getByText(/sessions fit$/).waitFor();
  assert.equal(stub.watch?.question, before);
  assert.equal(stub.watch?.filter.protocol, 'pop3');
});

test('a server that falls silent is told, and so is one that has become another', { skip }, async (t) => {
  const { page, stub, scene } = await open(t, { sessions: 3 });
  await page.getByText(/^Silent for \d+ s$/).waitFor();
  await page.getByText('The server is silent. The figures are old.').waitFor();
  stub.nowMs += 4000;
  stub.tell();
  await page.getByText('Live', { exact: true }).waitFor();
  scene.version = '0.2.0';
  for (const viewer of stub.viewers) viewer.close(1012);
  await page.getByText('The server has a new version').waitFor();
  await page.getByRole('button', { name: 'Reload' }).click();
  await page.getByText('0.2.0').waitFor();
  assert.equal(await page.locator('#trouble').isVisible(), false);
});

test('a session that cannot be ended is told, and stays', { skip }, async (t) => {
  const { page, stub } = await open(t, { sessions: 3 });
  const dialog = page.getByRole('dialog');
  stub.answer = 403;
  await page.locator('.end').first().click();
  await dialog.getByRole('button', { name: 'End session' }).click();
  await dialog.getByText('The server does not allow it (403).').waitFor();
  stub.answer = 200;
  await dialog.getByRole('button', { name: 'End session' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByText('The session of anna@example.org is ended.').waitFor();
  stub.tell();
  await page.getByText('2 live sessions').waitFor();
  assert.equal(await page.locator('#session-rows tr').count(), 2);
});

test('everything is reached by keyboard, and the focus is seen', { skip }, async (t) => {
  const { page, stub, complaints } = await open(t, { sessions: 3, trouble: true });
  const seen: string[] = [];
  for (let step = 0; step < 80; step++) {
    await page.keyboard.press('Tab');
    const [name = '', outline = ''] = (
      await page.evaluate<string>(`{
        const it = document.activeElement;
        const drawn = it.matches('input[type=radio]') ? it.nextElementSibling : it;
        const { outlineStyle, outlineWidth } = getComputedStyle(drawn);
        (it.id || it.className || it.textContent.trim() || it.name) + '|' + outlineStyle + parseFloat(outlineWidth);
      }`)
    ).split('|');
    if (name === 'tail-pause') break;
    seen.push(name);
    assert.match(outline, /^(?!none)\w+?[1-9]/, `${name} shows its focus`);
  }
  assert.equal(seen[0], 'skip');
  assert.deepEqual(
    ['skip', 'theme', 'plot', 'sort', 'user', 'end'].filter((name) => !seen.includes(name)),
    [],
    seen.join(),
  );

  const plot = page.locator('#sessions-chart .plot');
  await plot.focus();
  const first = await plot.getAttribute('aria-valuetext');
  for (let step = 0; step < 5; step++) await page.keyboard.press('ArrowLeft');
  await page.locator('#sessions-chart .readout').waitFor();
  assert.notEqual(await plot.getAttribute('aria-valuetext'), first);
  await page.keyboard.press('Escape');
  await page.locator('#sessions-chart .readout').waitFor({ state: 'hidden' });

  const head = page.locator('#servers-table th', { hasText: 'Sessions' });
  await head.getByRole('button').focus();
  await page.keyboard.press('Enter');
  assert.equal(await head.getAttribute('aria-sort'), 'descending');
  await page.keyboard.press('Enter');
  assert.equal(await head.getAttribute('aria-sort'), 'ascending');

  const end = page.locator('.end').nth(1);
  await end.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  assert.equal(await page.evaluate('document.activeElement.id'), 'confirm-no', 'what does no harm is chosen');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate('document.querySelectorAll(".end")[1] === document.activeElement'), true, 'back');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByText('The session of ben@example.org is ended.').waitFor();
  stub.tell();
  await page.getByText('2 live sessions').waitFor();
  assert.equal(
    await page.evaluate('document.activeElement.closest("#session-rows") !== null'),
    true,
    'the next session has the focus of the one that is gone',
  );
  assert.deepEqual(complaints, []);
});

test('the theme is as the system has it, until another one is chosen; that is remembered', { skip }, async (t) => {
  const { page } = await open(t, { sessions: 3 }, { colorScheme: 'dark' });
  const paper = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const dark = await paper();
  await page.getByRole('button', { name: 'Theme: auto' }).click();
  const light = await paper();
  assert.notEqual(light, dark);
  await page.reload();
  await page.getByRole('button', { name: 'Theme: light' }).click();
  assert.equal(await paper(), dark);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  assert.equal(await paper(), dark);
  assert.equal(await page.evaluate('getComputedStyle(document.querySelector(".dot")).animationName'), 'none');
});

for (const [name, scene, options] of [
  ['light', { trouble: true }, { viewport: { width: 1280, height: 900 } }],
  ['dark', { trouble: true }, { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' }],
  ['phone', { trouble: true }, { viewport: { width: 360, height: 780 }, deviceScaleFactor: 2 }],
] as const) {
  test(`no rule of accessibility is broken, and there is a picture of it: ${name}`, { skip }, async (t) => {
    const { page, stub, complaints } = await open(t, scene, options);
    for (let second = 1; second <= 5; second++) {
      stub.nowMs = START + second * 1000;
      stub.tell(6);
    }
    await page.locator('#events li').nth(29).waitFor();
    if (name !== 'phone') await page.getByLabel('Rows').selectOption('20');
    await frames(page);
    const file = join(IMAGES, `dashboard-${name}.png`);
    if (process.env.POSTERN_SCREENSHOTS === '1') {
      mkdirSync(IMAGES, { recursive: true });
      await page.screenshot({ path: file, animations: 'disabled' });
    }
    assert.ok(existsSync(file), `POSTERN_SCREENSHOTS=1 makes ${file}`);
    assert.deepEqual(await violations(page), []);
    if (name !== 'phone') {
      await page.locator('.end').first().click();
      assert.deepEqual(await violations(page), [], 'with the dialog');
      await page.keyboard.press('Escape');
    }
    stub.isDown = true;
    for (const viewer of stub.viewers) viewer.close(1011);
    await page.locator('[data-link="lost"]').waitFor();
    assert.deepEqual(await violations(page), [], 'disconnected');
    // It does find what is wrong.
    await page.evaluate('document.documentElement.removeAttribute("lang")');
    assert.match((await violations(page)).join(), /html-has-lang/);
    assert.equal(await overflowOf(page), 0);
    assert.deepEqual(
      complaints.filter((text) => !/WebSocket connection to/.test(text)),
      [],
    );
  });
}
