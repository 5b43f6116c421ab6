// What has to be watched so that no change of a file goes unseen: the links on its way and what they lead to, since
// symlink(7) lets the name stay and the file be another one (certbot's live/, the ..data of Kubernetes).
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ByteString, NameTest } from '../../conf/directive.ts';

/** As Linux has it. */
const MAX_LINKS = 40;

export class WatchSet {
  /** Where names come and go. */
  readonly directories = new Set<string>();
  /** Names in them that matter. */
  readonly #entries = new Set<string>();
  /** Directories in which names matter that a mask looks for. */
  readonly #listed = new Map<string, NameTest[]>();
  readonly #identities: string[] = [];

  /** @param listings directories, each with the names that are looked for */
  constructor(files: Iterable<ByteString>, listings: Iterable<readonly [ByteString, { readonly wants: NameTest }]>) {
    for (const path of files) this.#follow(toPath(path));
    for (const [path, { wants }] of listings) {
      const directory = this.#follow(toPath(path));
      if (directory === undefined) continue;
      this.directories.add(directory);
      this.#listed.set(directory, [...(this.#listed.get(directory) ?? []), wants]);
    }
  }

  /** Whether something at this path is of interest. */
  covers(path: string): boolean {
    if (this.directories.has(path) || this.#entries.has(path)) return true;
    const name = Buffer.from(basename(path)).toString('latin1');
    return this.#listed.get(dirname(path))?.some((wants) => wants(name)) ?? false;
  }

  /** Two sets with the same are the same, down to the inodes. */
  get identity(): string {
    return this.#identities.join('\n');
  }

  /** @returns where the path leads in the end; undefined where it leads nowhere */
  #follow(path: string): string | undefined {
    let rest = path.split('/');
    let at = '/';
    for (let links = 0; rest.length > 0; ) {
      const [name = '', ...others] = rest;
      rest = others;
      if (name === '' || name === '.') continue;
      if (name === '..') {
        at = dirname(at);
        continue;
      }
      const here = join(at, name);
      const stat = this.#look(here);
      if (stat === undefined || rest.length === 0 || stat.isSymbolicLink()) this.#watch(at, here);
      if (stat === undefined) return undefined;
      if (stat.isSymbolicLink()) {
        if (++links > MAX_LINKS) return undefined;
        const target = attempt(() => readlinkSync(here)) ?? '';
        if (target.startsWith('/')) at = '/';
        rest = [...target.split('/'), ...rest];
      } else at = here;
    }
    return at;
  }

  #watch(directory: string, entry: string): void {
    this.directories.add(directory);
    this.#entries.add(entry);
  }

  #look(path: string): Stats | undefined {
    const stat = attempt(() => lstatSync(path));
    this.#identities.push(`${path} ${stat?.dev}:${stat?.ino}`);
    return stat;
  }
}

/** Without an answer there is nothing there, or nothing that we may see. */
function attempt<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

/** Names that are no UTF-8 cannot be watched by themselves; their directories are. */
const toPath = (path: ByteString): string => resolve(Buffer.from(path, 'latin1').toString());
