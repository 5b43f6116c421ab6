// A master with workers under test: which workers there are, what each process logs, and that none is left.
import assert from 'node:assert/strict';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cleanup, type Scope } from './cleanup.ts';
import { LogFile } from './log-file.ts';
import { Arena, type ArenaOptions, type Stage } from './mail-spec/arena.ts';
import { play } from './mail-spec/transcript.ts';
import { isRunning, leavesNothing, listens, stopByPidFile, until } from './processes.ts';
import type { MailServer } from './server.ts';
import { defaultTarget, type Target } from './target.ts';
import type { Wire } from './wire.ts';

/** How many of these there are, and when, depends on timing. */
const UNTIMED = /^\[notice\] signal (?:14|17|29) /;

/** The same program as a master with workers, in the foreground. */
export function masterTarget(target: Target = defaultTarget()): Target {
  return { ...target, globals: target.globals.replace('master_process off;', '') };
}

interface Record {
  readonly pid: number;
  readonly text: string;
}

/** Records without their time and the sender of a signal, which not every system tells. */
export function recordsOf(text: string): readonly Record[] {
  return text.split('\n').flatMap((line) => {
    const [, level, pid, rest = ''] = /^\S+ \S+ (\[[a-z]+\]) (\d+)#\d+: (.*)$/.exec(line) ?? [];
    if (level === undefined) return [];
    return [{ pid: Number(pid), text: `${level} ${rest.replace(/ received from \d+/, ' received')}` }];
  });
}

/** What one process said, without the records that depend on timing. */
export function said(text: string, pid: number): readonly string[] {
  return recordsOf(text).flatMap((record) => (record.pid === pid && !UNTIMED.test(record.text) ? [record.text] : []));
}

/** Workers that were started, as the log has them. */
export function workersIn(text: string): readonly number[] {
  return [...text.matchAll(/ start worker process (\d+)$/gm)].map(([, pid]) => Number(pid));
}

/** Before the scope ends, so do the master, one that took its place, and all workers; none may be left. */
export function endsWithAll(scope: Scope, server: MailServer): void {
  const ends = new Cleanup();
  leavesNothing(ends, server.dir);
  ends.after(() => server.stop());
  // The other one has the standard streams of the first, whose end would be waited for.
  ends.after(() => stopByPidFile(join(server.dir, 'nginx.pid'), server.pid));
  scope.after(() => ends.run());
}

const BLOCKS = {
  imap: { protocol: 'imap' },
  unix: { protocol: 'imap', listen: 'unix:@DIR@/imap.sock' },
} as const;

/** A master with an IMAP listener, a unix listener, and an auth server behind it. */
export class Master {
  readonly scope: Cleanup;
  readonly arena: Arena;
  readonly server: MailServer;

  private constructor(scope: Cleanup, arena: Arena) {
    this.scope = scope;
    this.arena = arena;
    this.server = arena.server;
  }

  /** Everything of it ends with the scope: sessions first, then the processes, of which none may be left. */
  static async start(parent: Scope, options: Partial<ArenaOptions> = {}): Promise<Master> {
    const scope = new Cleanup();
    parent.after(() => scope.run());
    const arena = await Arena.start(scope, { blocks: BLOCKS, target: masterTarget(), ...options });
    endsWithAll(scope, arena.server);
    return new Master(scope, arena);
  }

  get pid(): number {
    return this.server.pid;
  }

  get text(): string {
    return this.server.log.text();
  }

  /** Workers that run, in the order of their start. */
  get workers(): readonly number[] {
    return workersIn(this.text).filter(isRunning);
  }

  /** The only worker. */
  get worker(): number {
    const [worker, ...others] = this.workers;
    assert.ok(worker !== undefined && others.length === 0, `there is one worker: ${this.workers}`);
    return worker;
  }

  path(name: string): string {
    return join(this.server.dir, name);
  }

  logFile(name: string): LogFile {
    return new LogFile(this.path(name));
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  /** Changes the configuration on disk, in one step: it may be read at any moment. */
  edit(from: string | RegExp, to: string): void {
    const path = this.path('nginx.conf');
    const text = readFileSync(path, 'latin1');
    const changed = text.replace(from, to);
    assert.notEqual(changed, text, `${from} in it`);
    writeFileSync(`${path}.new`, changed, 'latin1');
    renameSync(`${path}.new`, path);
  }

  /** HUP; resolves when every worker that ran before has been told to go. @returns those workers */
  async reload(): Promise<readonly number[]> {
    const old = this.workers;
    this.signal('SIGHUP');
    await this.quitting(old);
    return old;
  }

  async quitting(workers: readonly number[]): Promise<void> {
    for (const pid of workers) await this.server.waitLog(new RegExp(`\\] ${pid}#\\d+: gracefully shutting down\\n`));
  }

  open(name = 'imap'): Promise<Wire> {
    return this.arena.open(this.scope, name);
  }

  stage(): Promise<Stage> {
    return this.arena.stage(this.scope, 'imap');
  }

  /** A session in the relay. */
  async relayed(): Promise<{ readonly wire: Wire; readonly backend: Wire; readonly stage: Stage }> {
    const stage = await this.stage();
    const wire = await this.open();
    await play(wire, [`C: a LOGIN ${stage.user} secret`, 'S: a OK logged in']);
    return { wire, stage, backend: await stage.backend.peer(0) };
  }

  /** Waits until somebody listens. */
  async accepts(name = 'imap'): Promise<void> {
    const { host, port } = this.server.at(name);
    await until(() => listens(host, port), `a listener on ${host}:${port}`);
  }

  /** Waits until nobody listens any more. Who connects in the moment before that is closed without a word. */
  async refuses(name = 'imap'): Promise<void> {
    for (;;) {
      try {
        const wire = await this.server.connect(name);
        await wire.closed();
        assert.equal(wire.receivedBytes, 0);
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        if (code === 'ECONNREFUSED') return;
        if (code !== 'ECONNRESET') throw error;
      }
    }
  }

  /** The capability line that a new connection gets. */
  async capability(): Promise<string> {
    const wire = await this.open();
    await wire.send('a CAPABILITY\r\n');
    const line = await wire.line();
    wire.destroy();
    return line.replace('* CAPABILITY ', '').replace(' AUTH=PLAIN\r\n', '');
  }
}

/** A command goes through the relay. */
export const relays = (wire: Wire): Promise<void> => play(wire, ['C: x NOOP', 'S: +OK 250 [x NOOP]']);

/** The session says good-bye to its backend, and closes. */
export async function logsOut(wire: Wire): Promise<void> {
  await play(wire, ['C: z LOGOUT', 'S: +OK 250 [z LOGOUT]', '--']);
  wire.destroy();
}
