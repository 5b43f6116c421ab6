// A master with two workers, a dashboard, and mail servers with a group of two backends: for a browser to look at.
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { openPage } from './chromium.ts';
import { Cleanup, type Scope } from './cleanup.ts';
import { type FakeBackend, imapBackend, startBackend } from './fake-backend.ts';
import { endsWithAll, masterTarget } from './master.ts';
import { type MailServer, startServer } from './server.ts';
import type { Wire } from './wire.ts';

export interface BrowserDashboard {
  readonly server: MailServer;
  readonly backends: readonly FakeBackend[];
  readonly url: string;
  /** A client; it is logged in, unless the user is eve. */
  enter(user: string): Promise<Wire>;
  /** The backend with this number is started once more, where it was. */
  revive(index: number): Promise<void>;
}

const CONFIG = (backends: readonly FakeBackend[], dashboard: string): string => `
  worker_processes 2;
  http {
    access_log off;
    server { listen @auth@; location / {
      if ($http_auth_user = eve) { add_header Auth-Status "Not you" always; return 204; }
      add_header Auth-Status OK; return 204; } }
    server { listen @web@;
      location /dashboard { mail_dashboard; ${dashboard} }
      location /api { api write=on; }
    }
  }
  mail {
    auth_http @auth@/;
    imap_client_buffer 16k;
    upstream mailboxes { zone mailboxes 64k; health_check type=tcp interval=100ms;
      ${backends.map(({ host, port }) => `server ${host}:${port} max_fails=0;`).join(' ')} }
    server { listen @imap@; protocol imap; status_zone "inbound imap"; proxy_pass mailboxes; }
  }`;

/** @param dashboard more directives of its location */
export async function startBrowserDashboard(parent: Scope, dashboard = ''): Promise<BrowserDashboard> {
  const scope = new Cleanup();
  parent.after(() => scope.run());
  const backends = [await startBackend(scope, imapBackend), await startBackend(scope, imapBackend)];
  const server = await startServer(scope, { target: masterTarget(), config: CONFIG(backends, dashboard) });
  endsWithAll(scope, server);
  const wires: Wire[] = [];
  scope.after(() => {
    for (const wire of wires) wire.destroy();
  });
  const { host, port } = server.at('web');
  return {
    server,
    backends,
    url: `http://${host}:${port}/dashboard/`,
    async enter(user) {
      const wire = await server.connect('imap');
      wires.push(wire);
      await wire.expectLine(/^\* OK/);
      await wire.send(`a LOGIN {${Buffer.byteLength(user)}}\r\n`);
      await wire.expectLine(/^\+/);
      await wire.send(Buffer.from(`${user} secret\r\n`));
      await wire.expectLine(user === 'eve' ? /^a NO/ : /^a OK/);
      return wire;
    },
    async revive(index) {
      const { host: at, port: on } = backends[index] ?? {};
      if (at !== undefined && on !== undefined)
        backends[index] = await startBackend(scope, imapBackend, { host: at, port: on });
    },
  };
}

export interface Shown {
  readonly page: Page;
  readonly complaints: readonly string[];
  readonly headline: Locator;
  readonly rows: Locator;
}

/** The page, when its first figures are there. */
export async function showDashboard(
  scope: Scope,
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Shown> {
  const { page, complaints } = await openPage(scope, browser, options);
  await page.goto(url);
  await page.locator('#headline .figure').first().waitFor();
  return { page, complaints, headline: page.locator('#headline'), rows: page.locator('#session-rows tr') };
}

/** How far the page reaches beyond its window; none should. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
