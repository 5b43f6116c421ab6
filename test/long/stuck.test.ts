// Peers that never read: each costs little, and no other session notices.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startArena } from './arena.ts';
import type { Protocol } from './dialogues.ts';
import { DEAF_USER, TORRENT_USER } from './mail-servers.ts';
import { becomesIdle, becomesTrue, MIB, residentMemory } from './usage.ts';

interface Case {
  readonly words: string;
  readonly protocol: Protocol;
  /** Log in as; undefined: do not. */
  readonly user?: string;
  readonly text: string;
  readonly times: 'once' | 'forever';
  readonly limits: Limits;
}

/** KiB for each. */
type Limits = Readonly<Record<'clear' | 'tls', number>>;

// Over TLS a stream reads 64 KiB before it listens to anyone, decrypts all of it, and keeps its buffers.
const isOverStreams = process.env.POSTERN_TEST_TRANSPORT === 'net';
const CLIENT_LIMITS: Limits = { clear: 100, tls: isOverStreams ? 300 : 100 };
const RELAY_LIMITS: Limits = { clear: 2048, tls: 2048 };
/** Many: what the process itself comes to need, once, is shared by all of them. */
const COUNT = 500;

// 16 bytes a command: they fill a command buffer to the byte, else one is too long and ends the session.
const CASES: readonly Case[] = [
  {
    words: 'an IMAP client that sends commands and reads no reply',
    protocol: 'imap',
    text: 'abc CAPABILITY\r\n'.repeat(256),
    times: 'forever',
    limits: CLIENT_LIMITS,
  },
  {
    words: 'an SMTP client that sends commands and reads no reply',
    protocol: 'smtp',
    text: 'EHLO abcdefghi\r\n'.repeat(256),
    times: 'forever',
    limits: CLIENT_LIMITS,
  },
  {
    words: 'a relay whose client does not read',
    protocol: 'imap',
    user: TORRENT_USER,
    text: 'b NOOP\r\n',
    times: 'once',
    limits: RELAY_LIMITS,
  },
  {
    words: 'a relay whose backend does not read',
    protocol: 'imap',
    user: DEAF_USER,
    text: 'x'.repeat(64 * 1024),
    times: 'forever',
    limits: RELAY_LIMITS,
  },
];

const WAYS: readonly (readonly [keyof Limits, string])[] = [
  ['clear', 'in clear'],
  ['tls', 'over TLS'],
];

for (const { words, protocol, user, text, times, limits } of CASES) {
  for (const [security, how] of WAYS) {
    const limitKib = limits[security];
    test(`${words} costs at most ${limitKib} KiB ${how}`, async (t) => {
      const arena = await startArena(t);
      const { server, servers, load } = arena;
      await arena.logIn(arena.doors(security), 1000);
      const before = residentMemory(server.pid);
      const doors = arena.doors(security).filter((door) => door.protocol === protocol);
      const came = await load.order({ kind: 'hold', doors, count: COUNT, ...(user === undefined ? {} : { user }) });
      assert.deepEqual(came.failures, []);
      await load.order({ kind: 'stick', text, times });
      await becomesIdle(server.pid);
      const stuck = await load.order({ kind: 'look' });
      const eachKib = (residentMemory(server.pid) - before) / COUNT / 1024;
      const sent = (Math.max(stuck.bytes, servers.torrentBytes()) / COUNT / MIB).toFixed(1);
      t.diagnostic(`${eachKib.toFixed(0)} KiB each, with ${sent} MiB sent to each`);
      assert.equal(stuck.good, COUNT, 'none may be closed');
      assert.ok(eachKib <= limitKib, `${eachKib.toFixed(0)} KiB each`);
      await arena.logIn(arena.doors(security), 50);
      await load.order({ kind: 'let-go', by: 'reset' });
      // A relay that waits for its backend does not look at its client.
      if (user === DEAF_USER) servers.drop();
      await arena.descriptorsReturn();
      assert.ok(await becomesTrue(() => servers.connections() === 0, 5000), 'connections of backends stay open');
    });
  }
}
