// Sessions that are written down with the records that they leave in the log, each to the letter.
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { Cleanup } from '../cleanup.ts';
import type { BackendScript } from '../fake-backend.ts';
import { PATIENCE_MS } from '../in-time.ts';
import { defaultTarget } from '../target.ts';
import type { Wire } from '../wire.ts';
import { type Answer, Arena, type ArenaOptions, type Stage } from './arena.ts';
import { type Line, play } from './transcript.ts';
import { CLIENT } from './transport.ts';

/** For a session that says NOOP as long as it takes. */
const WITHOUT_END = defaultTarget().name === 'postern' ? 'max_commands 1000000000;' : '';

/** Makes the records of a session, from their level and text up to the suffix. */
export interface Records {
  readonly user: string;
  /** `HOST:PORT` of the auth server. */
  readonly auth: string;
  /** `HOST:PORT` of the stage's backend. */
  readonly backend: string;
  /** A record before there is a login. */
  bare(text: string): string;
  /** A record with the stage's user, or this one, for a login. */
  login(text: string, user?: string): string;
  /** A record with login and backend. */
  upstream(text: string, user?: string): string;
}

export interface LoggedCase {
  readonly name: string;
  readonly block: string;
  readonly answers?: readonly Answer[];
  readonly backend?: BackendScript;
  /** What is said; without a good-bye of its own. */
  readonly lines?: (user: string) => readonly Line[];
  /** What happens then. */
  readonly next?: (wire: Wire, stage: Stage) => Promise<void> | void;
  /** Connect only: no greeting is awaited. */
  readonly silent?: true;
  /** What follows the record of the accept; left out where it depends on who is first. */
  readonly records?: (log: Records) => readonly string[];
  /** Takes out of a record what differs between versions of OpenSSL. */
  readonly normal?: (record: string) => string;
}

/**
 * Runs the cases side by side against one process, then looks whether it holds anything of them.
 * @param keeps descriptors that the process may open for itself meanwhile
 */
export function loggedSpec(title: string, options: ArenaOptions, cases: readonly LoggedCase[], keeps = 0): void {
  describe(title, () => {
    const scope = new Cleanup();
    let arena: Arena;
    let idle: Wire;
    let descriptors = 0;
    before(async () => {
      arena = await Arena.start(scope, {
        ...options,
        blocks: { ...options.blocks, idle: { protocol: 'imap', conf: `timeout 60s; ${WITHOUT_END}` } },
      });
      idle = await arena.open(scope, 'idle');
      descriptors = arena.descriptors();
    });
    after(() => scope.run());

    describe('sessions', { concurrency: 16 }, () => {
      for (const logged of cases) test(logged.name, (t) => runLogged(t, arena, logged));
    });
    test('nothing of them is left, and the next one logs in', (t) => nothingLeft(t, arena, idle, descriptors + keeps));
  });
}

async function runLogged(t: TestContext, arena: Arena, logged: LoggedCase): Promise<void> {
  const stage = await arena.stage(t, arena.protocol(logged.block), logged);
  const since = arena.logged();
  const wire = logged.silent
    ? await arena.server.connect(logged.block, { localAddress: CLIENT })
    : await arena.open(t, logged.block);
  t.after(() => wire.destroy());
  const connected = arena.connected(logged.block, wire);
  await play(wire, logged.lines?.(stage.user) ?? []);
  await logged.next?.(wire, stage);
  if (logged.records === undefined) return;
  const suffix = (login?: string, upstream?: string): string => arena.suffix(logged.block, login, upstream);
  const wanted = logged.records({
    user: stage.user,
    auth: `${arena.auth.host}:${arena.auth.port}`,
    backend: stage.upstream,
    bare: (text) => text + suffix(),
    login: (text, user) => text + suffix(user ?? stage.user),
    upstream: (text, user) => text + suffix(user ?? stage.user, stage.upstream),
  });
  const records = await arena.records(connected, wanted.length + 1, since);
  assert.deepEqual(logged.normal === undefined ? records : records.map(logged.normal), [connected, ...wanted]);
}

/** Each NOOP of the idle session is a turn of the server's event loop: the rest must be gone in time. */
export async function nothingLeft(t: TestContext, arena: Arena, idle: Wire, descriptors: number): Promise<void> {
  const stage = await arena.stage(t, 'imap');
  const wire = await arena.open(t, 'idle');
  await play(wire, [
    `C: a LOGIN ${stage.user} secret`,
    'S: a OK logged in',
    'C: b LOGOUT',
    'S: +OK 250 [b LOGOUT]',
    '--',
  ]);
  wire.destroy();
  // Some sessions have to run into a timeout of the configuration, however many turns that takes.
  const end = performance.now() + PATIENCE_MS;
  while (arena.descriptors() > descriptors && performance.now() < end) {
    await play(idle, ['C: a NOOP', 'S: a OK completed']);
  }
  assert.equal(arena.descriptors(), descriptors, 'open descriptors');
}
