// The Chromium of this machine, without a window, driven by playwright-core: for what only a browser can show.
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { Cleanup, type Scope } from './cleanup.ts';
import { missing, program } from './programs.ts';
import { temporaryFolder } from './tmp.ts';

const NAME = 'chromium';
/** Of a start, and of whatever a page is waited for: the machine may be busy. */
const WAIT_MS = 30_000;

/** The `skip` of a test that needs it, and other programs. */
export const withoutChromium = (...others: readonly (string | undefined)[]): string | false =>
  missing([NAME], ...others);

/**
 * A browser that ends with the scope. One serves a whole file: to start it takes a second, and a page of it a tenth.
 * It reaches nothing but this machine: names other than localhost do not resolve. To be started before the server, as
 * what a test undoes first is what it did first: a server that quits waits for the WebSockets of its clients.
 */
export async function startChromium(scope: Scope): Promise<Browser> {
  const ends = new Cleanup();
  scope.after(() => ends.run());
  const home = temporaryFolder(ends, 'chromium');
  const browser = await chromium.launch({
    executablePath: program(NAME) ?? NAME,
    timeout: WAIT_MS,
    env: { ...environment(), XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home },
    // A sandbox needs rights that root and containers have not; the pages are ours.
    chromiumSandbox: false,
    args: ['--disable-dev-shm-usage', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.*'],
  });
  ends.after(() => browser.close());
  return browser;
}

function environment(): Record<string, string> {
  const set = Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return Object.fromEntries(set);
}

export interface OpenPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the page has said on its console or thrown, in order: a good one says nothing. */
  readonly complaints: readonly string[];
}

/** A page with storage, cookies and credentials of its own. Certificates of tests are trusted. */
export async function openPage(scope: Scope, browser: Browser, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
  scope.after(() => context.close());
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`${error}`));
  return { page, context, complaints };
}
