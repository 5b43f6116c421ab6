// Feeds the pages that watch by way of this process: once a second it looks, once for all of them, and never for none.
import type { ByteString } from '../../conf/directive.ts';
import type { Control } from '../../control/control.ts';
import { Level, type Log } from '../../core/log.ts';
import { type Entrance, type HandshakeRate, Occupancy } from '../../net/websocket/occupancy.ts';
import type { ServerStatus } from '../../stats/status.ts';
import type { DashboardConf } from './conf.ts';
import type { Hello } from './messages.ts';
import { Moments } from './moments.ts';
import { SessionPages } from './session-pages.ts';
import { TailPull } from './tail-pull.ts';
import type { Viewer, ViewerOwner } from './viewer.ts';

const INTERVAL_MS = 1000;

export interface FeedOptions {
  readonly status: ServerStatus;
  readonly control: Control;
  /** Of the package. */
  readonly version: string;
  readonly log: Log;
}

export class Feed implements ViewerOwner {
  readonly #options: FeedOptions;
  readonly #viewers = new Set<Viewer>();
  readonly #addresses = new Occupancy();
  #entered = 0;
  readonly #moments: Moments;
  readonly #pages: SessionPages;
  readonly #tail: TailPull;
  /** JSON of the latest look. */
  #now: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#moments = new Moments(options.status.registry);
    this.#pages = new SessionPages(options.control);
    this.#tail = new TailPull(options.control);
  }

  /** @param rate how often an address may ask for a WebSocket @returns `full`: so many watch already */
  enter(
    address: ByteString,
    { viewers, viewersOfAddress }: DashboardConf,
    rate: HandshakeRate | undefined,
  ): Entrance | 'full' {
    if (this.#entered >= viewers) return 'full';
    const entrance = this.#addresses.enter(address, { maxConnections: viewersOfAddress, rate });
    if (entrance === 'entered') this.#entered++;
    return entrance;
  }

  leave(address: ByteString): void {
    this.#entered--;
    this.#addresses.leave(address);
  }

  add(viewer: Viewer): void {
    this.#viewers.add(viewer);
    this.#timer ??= setInterval(() => this.#round(), INTERVAL_MS).unref();
  }

  remove(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    if (this.#viewers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#now = undefined;
    this.#moments.forget();
  }

  greet(viewer: Viewer): void {
    this.#guard(this.#hello(viewer));
  }

  /** That need not wait for the next round. */
  asked(viewer: Viewer): void {
    if (!viewer.isFree) return;
    this.#guard(this.#pages.show([viewer]));
    // What is told to one is not asked for again.
    this.#guard(this.#tail.show([...this.#viewers].filter(({ isFree }) => isFree)));
  }

  async #hello(viewer: Viewer): Promise<void> {
    const { status, version } = this.#options;
    const history = await status.past();
    const hello: Hello = { kind: 'hello', version, api: viewer.api, intervalMs: INTERVAL_MS, history };
    viewer.greet(JSON.stringify(hello));
    if (this.#now === undefined) await this.#look([viewer]);
    else viewer.send(this.#now);
  }

  #round(): void {
    const ready = [...this.#viewers].filter((viewer) => viewer.isReady());
    this.#guard(this.#look(ready));
    this.#guard(this.#pages.show(ready));
    this.#guard(this.#tail.show(ready));
  }

  /** One look at a time: where a process is slow to answer, it comes later. */
  async #look(viewers: readonly Viewer[]): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const everything = await this.#options.status.all();
      if (this.#viewers.size === 0) return;
      this.#now = JSON.stringify(this.#moments.next(everything, Date.now()));
    } finally {
      this.#isLooking = false;
    }
    for (const viewer of viewers) viewer.send(this.#now);
  }

  /** What is wrong here is nobody's session: pages go without. */
  #guard(work: Promise<void>): void {
    work.catch((error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#options.log.write(Level.alert, `dashboard failed: ${text}`);
    });
  }
}
