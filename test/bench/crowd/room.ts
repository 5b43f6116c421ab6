// A server that many sessions are in: who fills it, who watches it, and who logs in meanwhile.
import type { Now } from '../../../src/http/dashboard/messages.ts';
import { becomesIdle } from '../../long/usage.ts';
import { Cleanup, type Scope } from '../../support/cleanup.ts';
import { Page } from '../../support/dashboard-site.ts';
import { WireError } from '../../support/wire.ts';
import type { Bench } from '../bench.ts';
import { type Door, MailProxy, POSTERN } from '../proxy.ts';
import { numberOf } from '../rounds.ts';
import type { Protocol } from '../rows.ts';
import type { Tool } from '../tool.ts';

interface Crowd {
  readonly protocol: Protocol;
  readonly count: number;
  readonly login: 0 | 1;
}

/**
 * By other doors and to other backends than the logins that are measured: where most local ports towards one address are
 * taken, the system itself takes long to find a free one. No process may have more than 20,000 descriptors in many
 * places.
 */
const CROWDS: readonly Crowd[] = (['pop3', 'smtp'] as const).flatMap((protocol): Crowd[] => [
  { protocol, count: 9000, login: 1 },
  { protocol, count: 16_000, login: 0 },
]);

export const ROOM = { workers: 6, sessions: CROWDS.reduce((sum, { count }) => sum + count, 0) } as const;

const OPENING = 64;
const LOGINS = 8000;
const ABREAST = 32;

/** What a page has seen. */
export interface Viewer {
  readonly mostSessions: number;
}

export class Room {
  readonly #bench: Bench;
  readonly #proxy: MailProxy;
  #loads: { readonly load: Tool; readonly count: number }[] = [];

  private constructor(bench: Bench, proxy: MailProxy) {
    this.#bench = bench;
    this.#proxy = proxy;
  }

  static async open(scope: Scope, bench: Bench): Promise<Room> {
    const blocks = `http {
  access_log off;
  server { listen @http@; location /api { api write=on; } location /dashboard { mail_dashboard; } }
}
`;
    return new Room(bench, await MailProxy.start(scope, bench, { ...POSTERN, blocks }, { workers: ROOM.workers }));
  }

  /** @throws where one of them does not get in */
  async fill(scope: Scope): Promise<void> {
    this.#loads = [];
    for (const { protocol, count, login } of CROWDS) {
      const args = { mode: 'hold', count, abreast: OPENING, login };
      const load = await this.#bench.load(scope, this.#proxy.door(protocol), args);
      const good = numberOf(await load.carryOut(), 'good');
      if (good !== count) throw new Error(`${good} of ${count} sessions of ${protocol}`);
      this.#loads.push({ load, count });
    }
  }

  /** Until what they leave behind is collected too. @throws where one of them was lost meanwhile */
  async empty(): Promise<void> {
    for (const { load, count } of this.#loads) {
      const alive = await load.finish();
      if (alive !== count) throw new Error(`${count - alive} of ${count} sessions were lost`);
    }
    await becomesIdle(this.#proxy.server.pid);
  }

  /** A page with its table of sessions and its tail; it goes with the scope. */
  async watch(scope: Scope): Promise<Viewer> {
    const wire = await this.#proxy.server.connect('http', { record: false });
    scope.after(() => wire.destroy());
    const page = await Page.open(wire);
    const seen = { mostSessions: sessionsOf(await page.next('now')) };
    await page.ask({ tail: true });
    await page.next('sessions');
    void follow(page, seen);
    return seen;
  }

  /** CPU of master and workers for one login, in microseconds, with all that they do meanwhile. */
  async login(): Promise<number> {
    const scope = new Cleanup();
    try {
      const door: Door = this.#proxy.door('imap');
      const load = await this.#bench.load(scope, door, { mode: 'login', count: LOGINS, abreast: ABREAST });
      await this.#proxy.settles();
      const before = this.#proxy.cpuMs();
      const found = await load.carryOut();
      const cpuMs = this.#proxy.cpuMs() - before;
      const good = numberOf(found, 'good');
      if (good !== LOGINS) throw new Error(`${good} of ${LOGINS} logins`);
      return (cpuMs * 1000) / LOGINS;
    } finally {
      await scope.run();
    }
  }
}

const sessionsOf = ({ sessions }: Now): number => Object.values(sessions).reduce((sum, count) => sum + count, 0);

/** Until its connection is gone, or says nothing any more, which shows in what it has seen. */
async function follow(page: Page, seen: { mostSessions: number }): Promise<void> {
  try {
    for (;;) {
      seen.mostSessions = Math.max(seen.mostSessions, sessionsOf(await page.next('now')));
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
}
