// STARTTLS as `on` and as `only`: what is offered, what is refused in clear, and what survives the handshake.
import assert from 'node:assert/strict';
import { latin1, saslPlain } from '../support/bytes.ts';
import { serverCertificate } from '../support/certificate.ts';
import { accept, refuse } from '../support/fake-auth.ts';
import { type LoggedCase, loggedSpec } from '../support/mail-spec/logged.ts';
import { type Line, play } from '../support/mail-spec/transcript.ts';
import { clientHello } from '../support/tls.ts';
import { isAllRecords } from '../support/tls-records.ts';

const BAD: Line = 'S: a BAD invalid command';
const ERR: Line = 'S: -ERR invalid command';
const INVALID: Line = 'S: 500 5.5.1 Invalid command';
const OK: Line = 'S: +OK';
const DONE: Line = 'S: 250 2.0.0 OK';

const START: Readonly<Record<string, readonly Line[]>> = {
  imap: ['C: t STARTTLS x y z', 'S: t OK completed'],
  pop3: ['C: stls x y z', OK],
  smtp: ['C: StartTLS x y z', 'S: 220 2.0.0 Start TLS'],
};

interface Extra {
  readonly answers?: LoggedCase['answers'];
  readonly check?: LoggedCase['next'];
}

/** A session that says something in clear, makes the handshake, and says something more. */
function session(
  name: string,
  block: string,
  clear: (user: string) => readonly Line[],
  secure?: (user: string) => readonly Line[],
  { answers, check }: Extra = {},
): LoggedCase {
  return {
    name: `${block}: ${name}`,
    block,
    ...(answers && { answers }),
    lines: (user) => [...clear(user), ...(secure === undefined ? [] : (START[block.split('-')[0] ?? ''] ?? []))],
    next: async (wire, stage) => {
      if (secure !== undefined) {
        await wire.startTls();
        await play(wire, secure(stage.user));
      }
      await check?.(wire, stage);
    },
  };
}

const CAPABILITY = 'S: * CAPABILITY IMAP4 IMAP4rev1 UIDPLUS';
const CAPA: readonly Line[] = ['S: +OK Capability list follows', 'S: TOP'];
const NAME: Line = 'S: 250-mx.example.org';

const imap: readonly LoggedCase[] = [
  session(
    'CAPABILITY in clear and after the handshake',
    'imap-on',
    () => ['C: a CAPABILITY', `${CAPABILITY} AUTH=PLAIN STARTTLS`, 'S: a OK completed'],
    () => ['C: a CAPABILITY', `${CAPABILITY} AUTH=PLAIN`, 'S: a OK completed'],
  ),
  session(
    'CAPABILITY in clear and after the handshake',
    'imap-only',
    () => ['C: a CAPABILITY', `${CAPABILITY} STARTTLS LOGINDISABLED`, 'S: a OK completed'],
    () => ['C: a CAPABILITY', `${CAPABILITY} AUTH=PLAIN`, 'S: a OK completed', 'C: a STARTTLS', BAD],
  ),
  session('no login in clear', 'imap-only', (user) => [
    `C: a LOGIN ${user} x`,
    BAD,
    'C: a LOGIN {1}',
    'S: + OK',
    'C: x y',
    BAD,
    'C: a AUTHENTICATE PLAIN',
    BAD,
    `C: a AUTHENTICATE PLAIN ${saslPlain(user, 'x')}`,
    BAD,
    'C: a AUTHENTICATE LOGIN',
    BAD,
  ]),
  session(
    'a login after the handshake, as the second attempt of the session',
    'imap-on',
    (user) => [`C: a LOGIN ${user} x`, 'S: a NO no'],
    (user) => [`C: a LOGIN ${user} y`, 'S: a OK logged in', 'C: b LOGOUT', 'S: +OK 250 [b LOGOUT]', '--'],
    {
      answers: [() => refuse('no', 'Auth-Wait: 1'), accept],
      check: (_wire, stage) => {
        const got = stage.requests.map((r) => [
          r.header('Auth-Login-Attempt'),
          r.header('Auth-Pass'),
          r.header('Auth-SSL'),
        ]);
        assert.deepEqual(got, [
          ['1', 'x', undefined],
          ['2', 'y', 'on'],
        ]);
      },
    },
  ),
  session(
    'the count of errors survives',
    'imap-on',
    () => ['C: a X', BAD, 'C: a X', BAD],
    () => ['C: a X', BAD, '--'],
  ),
];

const pop3: readonly LoggedCase[] = [
  session(
    'CAPA in clear, after USER, and after the handshake',
    'pop3-on',
    () =>
      [
        ...['C: CAPA', ...CAPA, 'S: USER', 'S: UIDL', 'S: SASL PLAIN LOGIN', 'S: STLS', 'S: .'],
        ...['C: USER x', OK, 'C: CAPA', ...CAPA, 'S: USER', 'S: UIDL', 'S: SASL PLAIN LOGIN', 'S: .', 'C: STLS', ERR],
      ] as readonly Line[],
    () => ['C: CAPA', ...CAPA, 'S: USER', 'S: UIDL', 'S: SASL PLAIN LOGIN', 'S: .', 'C: STLS', ERR],
  ),
  session(
    'CAPA in clear and after the handshake',
    'pop3-only',
    () => ['C: CAPA', ...CAPA, 'S: UIDL', 'S: STLS', 'S: .'],
    () => ['C: CAPA', ...CAPA, 'S: USER', 'S: UIDL', 'S: SASL PLAIN LOGIN', 'S: .'],
  ),
  session('no login in clear', 'pop3-only', (user) => [
    `C: USER ${user}`,
    ERR,
    'C: PASS x',
    ERR,
    `C: APOP ${user} x`,
    ERR,
    'C: AUTH',
    ERR,
    `C: AUTH PLAIN ${saslPlain(user, 'x')}`,
    ERR,
  ]),
];

const smtp: readonly LoggedCase[] = [
  session(
    'EHLO in clear and after the handshake',
    'smtp-on',
    () => ['C: EHLO c', NAME, 'S: 250-AUTH PLAIN LOGIN', 'S: 250 STARTTLS'],
    () => ['C: EHLO c', NAME, 'S: 250 AUTH PLAIN LOGIN', 'C: STARTTLS', INVALID],
  ),
  session(
    'EHLO in clear and after the handshake',
    'smtp-only',
    () => ['C: EHLO c', NAME, 'S: 250 STARTTLS'],
    () => ['C: EHLO c', NAME, 'S: 250 AUTH PLAIN LOGIN'],
  ),
  session('no login in clear, nor mail without one', 'smtp-only', (user) => [
    `C: AUTH PLAIN ${saslPlain(user, 'x')}`,
    INVALID,
    'C: AUTH LOGIN',
    INVALID,
    `C: MAIL FROM:<${user}>`,
    INVALID,
    `C: RCPT TO:<${user}>`,
    INVALID,
    'C: NOOP',
    DONE,
  ]),
  session(
    'mail without a login after the handshake',
    'smtp-only',
    () => [],
    (user) => [`C: MAIL FROM:<${user}>`, DONE, 'C: RCPT TO:<b>', 'S: 250 [RCPT TO:<b>]', 'C: QUIT', 'S: 221 bye', '--'],
  ),
  session(
    'name and envelope of before are forgotten, that it was EHLO is not',
    'smtp-on-none',
    () => ['C: EHLO clear.example', NAME, 'S: 250 STARTTLS', 'C: MAIL FROM:<clear>', DONE],
    (user) => [
      'C: RCPT TO:<b>',
      'S: 503 5.5.1 Bad sequence of commands',
      `C: MAIL FROM:<${user}>`,
      DONE,
      'C: RCPT TO:<b>',
      'S: 250 [RCPT TO:<b>]',
      'C: QUIT',
      'S: 221 bye',
      '--',
    ],
    {
      check: (_wire, stage) => {
        assert.equal(stage.requests[0]?.header('Auth-SMTP-Helo'), '');
        const seen = stage.backend.peers[0]?.received.toString('latin1');
        assert.equal(seen, `EHLO mx.example.org\r\nMAIL FROM:<${stage.user}>\r\nRCPT TO:<b>\r\nQUIT\r\n`);
      },
    },
  ),
];

/** Commands in the same segment as STARTTLS, in clear: a man in the middle could have put them there. */
const injected = Object.entries({
  imap: ['b LOGIN evil x', 'a NOOP', 'a OK completed'],
  pop3: [`AUTH PLAIN ${saslPlain('evil', 'x')}`, 'NOOP', '+OK'],
  smtp: [`AUTH PLAIN ${saslPlain('evil', 'x')}`, 'NOOP', '250 2.0.0 OK'],
} as const).map(([protocol, [evil, command, reply]]): LoggedCase => {
  const [start, answer] = START[protocol] ?? [];
  return {
    name: `${protocol}: what is pipelined in clear behind STARTTLS is never read`,
    block: `${protocol}-on`,
    lines: () => [start ?? '--', `C: ${evil}`, 'C| half a line', answer ?? '--'],
    next: async (wire) => {
      await wire.startTls();
      await play(wire, [`C: ${command}`, `S: ${reply}`]);
    },
    records: () => [],
  };
});

/** Inside AUTH the line is an answer, and no command: the exchange fails, and TLS begins only when it is asked for. */
const insideAuth = (
  [
    ['imap', ['C: a AUTHENTICATE PLAIN', 'S: + ', 'C: b STARTTLS', BAD], ['C: a NOOP', 'S: a OK completed']],
    ['pop3', ['C: AUTH PLAIN', 'S: + ', 'C: STLS', ERR], ['C: NOOP', OK]],
    ['smtp', ['C: AUTH PLAIN', 'S: 334 ', 'C: STARTTLS', INVALID], ['C: NOOP', DONE]],
  ] as const
).map(([protocol, clear, secure]) =>
  session(
    'STARTTLS inside AUTH is an answer to it',
    `${protocol}-on`,
    () => clear,
    () => secure,
  ),
);

const twice = (['imap', 'pop3', 'smtp'] as const).map(
  (protocol): LoggedCase => ({
    name: `${protocol}: STARTTLS twice is answered once, and refused within TLS`,
    block: `${protocol}-on`,
    lines: () => [START[protocol]?.[0] ?? '--', ...(START[protocol] ?? [])],
    next: async (wire) => {
      await wire.startTls();
      const refusal = { imap: 'S: t BAD invalid command', pop3: ERR, smtp: INVALID } as const;
      await play(wire, [START[protocol]?.[0] ?? '--', refusal[protocol]]);
    },
    records: () => [],
  }),
);

/** In the segment of the ClientHello, where it is no part of TLS. */
const behindHello = (['imap', 'pop3', 'smtp'] as const).map(
  (protocol): LoggedCase => ({
    name: `${protocol}: what stands in clear behind the ClientHello breaks the handshake`,
    block: `${protocol}-on`,
    lines: () => START[protocol] ?? [],
    next: async (wire) => {
      const before = wire.received.length;
      const evil = latin1(`a LOGIN evil x\r\nAUTH PLAIN ${saslPlain('evil', 'x')}\r\n`);
      await wire.send(Buffer.concat([await clientHello(), evil]));
      await wire.closed();
      const answered = wire.received.subarray(before);
      assert.ok(answered.length > 0 && isAllRecords(answered), answered.toString('latin1'));
    },
  }),
);

const proxied: LoggedCase = {
  name: 'imap: who a PROXY header names is known behind STARTTLS too',
  block: 'imap-proxied',
  silent: true,
  lines: () => ['C: PROXY TCP4 192.0.2.7 198.51.100.1 40001 143', 'S: * OK IMAP4 ready', ...(START.imap ?? [])],
  next: async (wire, stage) => {
    await wire.startTls();
    await play(wire, [`C: a LOGIN ${stage.user} x`, 'S: a OK logged in']);
    const [request] = stage.requests;
    assert.equal(request?.header('Proxy-Protocol-Addr'), '192.0.2.7');
    assert.equal(request?.header('Auth-SSL'), 'on');
    wire.destroy();
  },
};

const TLS = `ssl_certificate ${serverCertificate.cert}; ssl_certificate_key ${serverCertificate.key};`;

loggedSpec(
  'STARTTLS',
  {
    conf: TLS,
    blocks: {
      'imap-on': { protocol: 'imap', conf: 'starttls on; max_errors 3;' },
      'imap-only': { protocol: 'imap', conf: 'starttls only;' },
      'imap-proxied': { protocol: 'imap', listen: '@imap-proxied@ proxy_protocol', conf: 'starttls on;' },
      'pop3-on': { protocol: 'pop3', conf: 'starttls on;' },
      'pop3-only': { protocol: 'pop3', conf: 'starttls only; pop3_auth plain apop;' },
      'smtp-on': { protocol: 'smtp', conf: 'starttls on;' },
      'smtp-on-none': { protocol: 'smtp', conf: 'starttls on; smtp_auth none; xclient off;' },
      'smtp-only': { protocol: 'smtp', conf: 'starttls only; smtp_auth plain login none;' },
    },
  },
  [...imap, ...pop3, ...smtp, ...injected, ...insideAuth, ...twice, ...behindHello, proxied],
);
