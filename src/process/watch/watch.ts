// config_watch: reloads when a file of the configuration has changed on disk. The watcher only says when to look; what
// counts is whether the files are still what was read.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { FSWatcher } from 'chokidar';
import type { ByteString, SystemFault } from '../../conf/directive.ts';
import type { DiskEnvironment, Listing } from '../../core/disk-environment.ts';
import { errnoSuffix, systemError } from '../../core/errno.ts';
import { Level } from '../../core/log.ts';
import { pageFolder } from '../../http/dashboard/page-files.ts';
import type { Report } from '../cycle-logs.ts';
import { WatchSet } from './watch-set.ts';

export interface ConfigWatchOptions {
  /** Asks for a reload; it need not come. @param why for the log */
  readonly reload: (why: ByteString) => void;
  readonly report: Report;
}

/** Editors and certbot write several files: this long after the last of it, and at most so long after the first. */
const QUIET_MS = 300;
const AT_MOST_MS = 2000;
/** Names in one record. */
const MAX_NAMES = 4;
/** Accounts change for many reasons, and are read at every reload anyway. */
const NOT_OURS: ReadonlySet<ByteString> = new Set(['/etc/passwd', '/etc/group']);

export class ConfigWatch {
  readonly #options: ConfigWatchOptions;
  #files: ReadonlyMap<ByteString, string> = new Map();
  #listings: ReadonlyMap<ByteString, Listing> = new Map();
  #set: WatchSet | undefined;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When the first event came that has not been looked into, in milliseconds; 0: there is none. */
  #since = 0;

  constructor(options: ConfigWatchOptions) {
    this.#options = options;
  }

  /** A configuration was read, be it good or not: changes from now on are against it. */
  follow(env: DiskEnvironment): void {
    const page = pageFolder(); // of this package: a new version of it is for a new start
    const own = [...env.reads].filter(([path]) => !NOT_OURS.has(path) && !path.startsWith(page));
    this.#files = new Map(own.map(([path, read]) => [path, fingerprint(read)]));
    this.#listings = env.listings;
    this.#renew();
  }

  /** Whether anything has changed, as after an event. */
  look(): void {
    if (this.isOpen) this.#stir();
  }

  get isOpen(): boolean {
    return this.#set !== undefined;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#since = 0;
    this.#set = undefined;
    void this.#watcher?.close();
    this.#watcher = undefined;
  }

  /** Watches what there is to watch now, unless it is watched already. */
  #renew(): void {
    const set = new WatchSet(this.#files.keys(), this.#listings);
    if (set.identity === this.#set?.identity) return;
    // The old watcher goes first: chokidar shares what it has by path, and the path may be another directory by now.
    this.close();
    this.#set = set;
    this.#open(set).catch((error: unknown) => this.#failed(error));
  }

  async #open(set: WatchSet): Promise<void> {
    const { watch } = await import('chokidar');
    if (set !== this.#set) return;
    const watcher = watch([...set.directories], {
      atomic: false,
      depth: 0,
      followSymlinks: false,
      ignoreInitial: true,
      ignorePermissionErrors: true,
      ignored: (path: string) => !set.covers(path),
    });
    this.#watcher = watcher;
    watcher.on('all', () => this.#stir());
    // A link that leads nowhere, or a directory in the place of another, makes no other event.
    watcher.on('raw', (_event: unknown, name: unknown, details: unknown) => {
      if (concerns(set, name, details)) this.#stir();
    });
    watcher.once('error', (error) => this.#failed(error));
    // Between the reading and this moment nobody was watching.
    watcher.once('ready', () => this.#stir());
  }

  #stir(): void {
    const now = Date.now();
    if (this.#since === 0) this.#since = now;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), Math.max(0, Math.min(QUIET_MS, this.#since + AT_MOST_MS - now)));
  }

  #look(): void {
    this.#since = 0;
    const changed = this.#changed();
    if (changed.length > 0) this.#options.reload(`config_watch: ${listed(changed)} changed, reconfiguring`);
    // Who cannot reload now looks again at the next event. A link may have moved without a change behind it.
    else this.#renew();
  }

  #changed(): readonly ByteString[] {
    const changed = new Set<ByteString>();
    for (const [path, was] of this.#files) {
      const is = lookAt(path);
      if (is !== undefined && is !== was) changed.add(path);
    }
    for (const [path, { names, wants }] of this.#listings) {
      const now = namesIn(path).filter(wants);
      const base = path.endsWith('/') ? path : `${path}/`;
      for (const name of names) if (!now.includes(name)) changed.add(base + name);
      for (const name of now) if (!names.includes(name)) changed.add(base + name);
    }
    return [...changed];
  }

  #failed(error: unknown): void {
    const system = systemError(error);
    const why = system === undefined ? `: ${String(error)}` : ` failed${errnoSuffix(system.errno)}`;
    this.#options.report(Level.alert, `config_watch: watching the configuration${why}`);
  }
}

/** Two that are the same come from the same bytes, or from the same refusal. */
function fingerprint(read: Uint8Array | SystemFault): string {
  return read instanceof Uint8Array ? createHash('sha256').update(read).digest('base64') : `errno ${read.errno}`;
}

/** undefined: a pipe or a device, which is read once. */
function lookAt(path: ByteString): string | undefined {
  const file = Buffer.from(path, 'latin1');
  try {
    const stat = statSync(file);
    if (!stat.isFile() && !stat.isDirectory()) return undefined;
    return fingerprint(readFileSync(file));
  } catch (error) {
    return fingerprint({ errno: systemError(error)?.errno ?? 0 });
  }
}

function namesIn(path: ByteString): readonly ByteString[] {
  try {
    return readdirSync(Buffer.from(path, 'latin1'), { encoding: 'latin1' });
  } catch {
    return [];
  }
}

/** An event of a directory names what it is about: something in it, or the directory itself. */
function concerns(set: WatchSet, name: unknown, details: unknown): boolean {
  if (typeof details !== 'object' || details === null || !('watchedPath' in details)) return true;
  const { watchedPath } = details;
  if (typeof watchedPath !== 'string' || typeof name !== 'string') return true;
  if (!set.directories.has(watchedPath)) return set.covers(watchedPath);
  return name === basename(watchedPath) || set.covers(join(watchedPath, name));
}

function listed(paths: readonly ByteString[]): ByteString {
  const names = paths.slice(0, MAX_NAMES).map((path) => `"${path}"`);
  const more = paths.length - names.length;
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
