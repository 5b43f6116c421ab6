// A client that fails in every way: it ends its own session, and nothing else.
import assert from 'node:assert/strict';
import { base64, saslPlain } from '../support/bytes.ts';
import { type LoggedCase, loggedSpec } from '../support/mail-spec/logged.ts';
import type { Line } from '../support/mail-spec/transcript.ts';
import type { Wire } from '../support/wire.ts';

const RESET = '[info] recv() failed (104: Connection reset by peer) while in auth state';

/** What each client says up to the byte that would complete the login. */
const TALKS: Readonly<Record<string, string>> = {
  imap: `a LOGIN {4}\r\nuser "se\\cret"\r`,
  pop3: 'USER user\r\nPASS secret\r',
  smtp: `EHLO c\r\nAUTH LOGIN\r\n${base64('user')}\r\n${base64('secret')}\r`,
};

async function leave(wire: Wire): Promise<void> {
  wire.end();
  await wire.closed();
}

const talks = Object.entries(TALKS).flatMap(([block, text]) => {
  const at = (length: number): Pick<LoggedCase, 'block' | 'lines'> => ({
    block,
    lines: () => [`C| ${text.slice(0, length)}`],
  });
  return [...text].flatMap((_, length): LoggedCase[] => [
    { ...at(length), name: `${block}: closes after ${length} bytes`, next: leave, records: () => [] },
    {
      ...at(length),
      name: `${block}: resets after ${length} bytes`,
      next: async (wire) => {
        // The last whole line has been read when it has been answered.
        const replies = text.slice(0, length).split('\n').length - 1;
        for (let i = 0; i < replies; i++) await wire.match(/\r\n(?!250)/);
        wire.reset();
      },
      // A reset right behind bytes that nobody answers may be seen as an end, by libuv as by nginx.
      ...(answered(text.slice(0, length)) && {
        records: (log) => [loggedUser(block, text.slice(0, length)) ? log.login(RESET, 'user') : log.bare(RESET)],
      }),
    },
  ]);
});

function answered(said: string): boolean {
  return said === '' || said.endsWith('\n');
}

/** Whether the session knows a login at that byte. */
function loggedUser(block: string, said: string): boolean {
  if (block === 'imap') return false;
  return block === 'pop3' ? said.includes('\n') : said.includes(`${base64('user')}\r\n`);
}

/** A generator of noise that is the same in every run (xorshift). */
function noise(seed: number, length: number): Buffer {
  let x = seed;
  return Buffer.from(
    Array.from({ length }, () => {
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
      return x & 255;
    }),
  );
}

const noisy = ['imap', 'pop3', 'smtp'].flatMap((block) =>
  Array.from(
    { length: 20 },
    (_, seed): LoggedCase => ({
      name: `${block}: sends 8 kB of noise, number ${seed}`,
      block,
      next: async (wire) => {
        await wire.send(noise(seed + 1, 8192));
        wire.end();
        await wire.closed();
        const replies = wire.received.toString('latin1').split('\r\n').slice(1, -1);
        assert.notEqual(replies.length, 0);
        const refusal = /^(?:\S* ?BAD invalid command|-ERR invalid command|500 5\.5\.1 Invalid command)$/;
        assert.deepEqual(
          replies.filter((line) => !refusal.test(line)),
          [],
        );
      },
    }),
  ),
);

const GOODBYE: Line = 'S: +OK 250 [b LOGOUT]';

const relayed: readonly LoggedCase[] = [
  {
    name: 'closes behind its last words: the backend gets all of them',
    block: 'imap',
    lines: (user) => [`C: a LOGIN ${user} secret`, 'S: a OK logged in', `C: b ${'x'.repeat(200_000)}`],
    next: async (wire, stage) => {
      wire.end();
      const peer = await stage.backend.peer(0);
      await peer.closed();
      assert.ok(peer.received.toString('latin1').endsWith(`\r\nb ${'x'.repeat(200_000)}\r\n`));
    },
    records: (log) => [log.upstream('[info] client logged in'), log.upstream('[info] proxied session done')],
  },
  {
    name: 'is told all that the backend said before it closed',
    block: 'imap',
    lines: (user) => [`C: a LOGIN ${user} secret`, 'S: a OK logged in'],
    next: async (wire, stage) => {
      const peer = await stage.backend.peer(0);
      void peer.send('y'.repeat(500_000));
      peer.end();
      assert.equal((await wire.rest()).length, 500_000);
    },
    records: (log) => [log.upstream('[info] client logged in'), log.upstream('[info] proxied session done')],
  },
  {
    name: 'sends any bytes and gets any bytes',
    block: 'imap',
    lines: (user) => [
      `C: a LOGIN ${user} secret`,
      'S: a OK logged in',
      'C: \0\x01\r\xff\n',
      'S: +OK 250 [\0\x01\r\xff]',
      'C: b LOGOUT',
      'S: +OK 250 []',
      GOODBYE,
      '--',
    ],
    records: (log) => [log.upstream('[info] client logged in'), log.upstream('[info] proxied session done')],
  },
  {
    name: 'closes while the auth server is asked',
    block: 'left',
    answers: [() => ({ bytes: '' })],
    lines: (user) => [`C: AUTH PLAIN ${saslPlain(user, 'x')}`],
    next: async (wire, stage) => {
      await stage.asked(1);
      wire.destroy();
    },
  },
  {
    name: 'closes while the backend is logged in to',
    block: 'left',
    backend: async (peer) => {
      await peer.closed();
    },
    lines: (user) => [`C: AUTH PLAIN ${saslPlain(user, 'x')}`],
    next: async (wire, stage) => {
      await stage.backend.peer(0);
      wire.destroy();
    },
  },
];

loggedSpec(
  'a client that',
  {
    conf: 'max_errors 1000;',
    blocks: {
      imap: { protocol: 'imap' },
      pop3: { protocol: 'pop3' },
      smtp: { protocol: 'smtp' },
      // A client that has left is noticed when the auth server or the backend has answered, or not in time.
      left: { protocol: 'pop3', conf: 'timeout 2s; auth_http_timeout 1s;' },
    },
  },
  [...talks, ...noisy, ...relayed],
);
