// OAuth at the client: what is announced, what the auth server is asked, and how a refusal goes.
import { base64 } from '../bytes.ts';
import { accept, refuse } from '../fake-auth.ts';
import type { Answer, Block } from './arena.ts';
import { casesOf, type SpecCase } from './case.ts';
import type { Asked } from './request.ts';
import type { Line } from './transcript.ts';
import type { Protocol } from './transport.ts';

const METHODS = 'plain xoauth2 oauthbearer';

export const OAUTH_BLOCKS: Readonly<Record<string, Block>> = {
  'imap-oauth': { protocol: 'imap', conf: `imap_auth ${METHODS}; imap_capabilities IMAP4rev1;` },
  'pop3-oauth': { protocol: 'pop3', conf: `pop3_auth ${METHODS}; pop3_client_buffer 4k;` },
  'pop3-narrow': { protocol: 'pop3', conf: `pop3_auth ${METHODS};` },
  'smtp-oauth': { protocol: 'smtp', conf: `smtp_auth ${METHODS};` },
};

/** How each protocol says what the others say too. */
interface Speech {
  readonly command: string;
  readonly prompt: string;
  readonly invalid: Line;
  readonly denied: (text: string) => Line;
  readonly loggedIn: Line;
  /** What follows at the backend, and ends the session there. */
  readonly out: readonly Line[];
  /** What the backend gets of a login by user and password. */
  readonly sees: (user: string, pass: string, address: string) => string;
}

const EHLO: readonly Line[] = ['C: EHLO c', 'S: 250-mx.example.org'];
const SPEECH: Readonly<Record<Protocol, Speech>> = {
  imap: {
    command: 'tag7 AUTHENTICATE',
    prompt: '+ ',
    invalid: 'S: tag7 BAD invalid command',
    denied: (text) => `S: tag7 NO ${text}`,
    loggedIn: 'S: tag7 OK logged in',
    out: ['C: b LOGOUT', 'S: +OK 250 [b LOGOUT]', '--'],
    sees: (user, pass) => `tag7 LOGIN {${user.length}}\r\n${user} {${pass.length}}\r\n${pass}\r\nb LOGOUT\r\n`,
  },
  pop3: {
    command: 'AUTH',
    prompt: '+ ',
    invalid: 'S: -ERR invalid command',
    denied: (text) => `S: -ERR ${text}`,
    loggedIn: 'S: +OK logged in',
    out: ['C: QUIT', 'S: +OK 250 [QUIT]', '--'],
    sees: (user, pass) => `USER ${user}\r\nPASS ${pass}\r\nQUIT\r\n`,
  },
  smtp: {
    command: 'AUTH',
    prompt: '334 ',
    invalid: 'S: 500 5.5.1 Invalid command',
    denied: (text) => `S: 535 5.7.0 ${text}`,
    loggedIn: 'S: 235 2.0.0 OK',
    out: ['C: QUIT', 'S: 221 bye', '--'],
    sees: (user, _pass, address) =>
      `EHLO mx.example.org\r\nXCLIENT ADDR=${address} LOGIN=${user} NAME=[UNAVAILABLE]\r\nQUIT\r\n`,
  },
};

const ERROR = base64('{"status":"400"}');
const refusal =
  (...more: string[]): Answer =>
  () =>
    refuse('no token', `Auth-Error-SASL: ${ERROR}`, ...more);
const PATIENT = refusal('Auth-Wait: 1');

const message = {
  XOAUTH2: (user: string, token: string): string => base64(`user=${user}\x01auth=Bearer ${token}\x01\x01`),
  OAUTHBEARER: (user: string, token: string): string =>
    base64(`n,a=${user.replaceAll('=', '=3D')},\x01host=h\x01auth=Bearer ${token}\x01\x01`),
};
const MECHANISMS = ['XOAUTH2', 'OAUTHBEARER'] as const;
type Mechanism = (typeof MECHANISMS)[number];

function asked(mechanism: Mechanism, user: string, pass: string, attempt = 1): Asked {
  return { method: mechanism === 'XOAUTH2' ? 'xoauth2' : 'oauthbearer', user, pass, attempt };
}

function loginsBy(protocol: Protocol, mechanism: Mechanism): readonly SpecCase[] {
  const make = casesOf(protocol);
  const block = `${protocol}-oauth`;
  const { command, prompt, denied, loggedIn, out, invalid, sees } = SPEECH[protocol];
  const say = message[mechanism];
  const name = (what: string): string => `${mechanism}: ${what}`;
  return [
    make(
      name('an initial response; the token is the password for the backend'),
      ({ user, address }) => ({
        lines: [`C: ${command} ${mechanism} ${say(user, 'token')}`, loggedIn, ...out],
        asks: [asked(mechanism, user, 'token')],
        sees: sees(user, 'token', address),
      }),
      { block },
    ),
    make(
      name('an answer to the empty challenge; Auth-User and Auth-Pass go to the backend'),
      ({ user, address }) => ({
        lines: [`C: ${command} ${mechanism}`, `S: ${prompt}`, `C: ${say(`${user}=x y`, 't%k')}`, loggedIn, ...out],
        asks: [asked(mechanism, `${user}=x%20y`, 't%25k')],
        sees: sees('other', 'secret', address),
      }),
      { block, answers: [(backend) => accept(backend, 'Auth-User: other', 'Auth-Pass: secret')] },
    ),
    make(
      name('refused without a reason in SASL'),
      ({ user }) => ({
        lines: [`C: ${command} ${mechanism} ${say(user, 't')}`, denied('no'), '--'],
        asks: [asked(mechanism, user, 't')],
      }),
      { block, answers: [() => refuse('no')] },
    ),
    ...['AQ==', '', '*'].map((answer) =>
      make(
        name(`told why, answered with "${answer}", refused, and logged in by a second attempt`),
        ({ user, address }) => ({
          lines: [
            `C: ${command} ${mechanism} ${say(user, 't')}`,
            `S: ${prompt}${ERROR}`,
            `C: ${answer}`,
            denied('no token'),
            `C: ${command} ${mechanism} ${say(user, 'good')}`,
            loggedIn,
            ...out,
          ],
          asks: [asked(mechanism, user, 't'), asked(mechanism, user, 'good', 2)],
          sees: sees(user, 'good', address),
        }),
        { block, answers: [PATIENT, accept] },
      ),
    ),
    make(
      name('told why, answered with something else: an invalid command, and the session goes on'),
      ({ user }) => ({
        lines: [
          `C: ${command} ${mechanism} ${say(user, 't')}`,
          `S: ${prompt}${ERROR}`,
          'C: foo',
          invalid,
          `C: ${command} ${mechanism}`,
          `S: ${prompt}`,
          'C: *',
          invalid,
        ],
        asks: [asked(mechanism, user, 't')],
      }),
      { block, answers: [PATIENT] },
    ),
    make(
      name('told why, without Auth-Wait: the refusal is the last line'),
      ({ user }) => ({
        lines: [
          `C: ${command} ${mechanism} ${say(user, 't')}`,
          `S: ${prompt}${ERROR}`,
          'C: AQ==',
          denied('no token'),
          '--',
        ],
        asks: [asked(mechanism, user, 't')],
      }),
      { block, answers: [refusal()] },
    ),
    make(
      name('told why, without Auth-Wait: another answer is the last one too'),
      ({ user }) => ({
        lines: [`C: ${command} ${mechanism} ${say(user, 't')}`, `S: ${prompt}${ERROR}`, 'C: foo', invalid, '--'],
        asks: [asked(mechanism, user, 't')],
      }),
      { block, answers: [refusal()] },
    ),
    make(
      name('a reason in SASL with OK is ignored'),
      ({ user, address }) => ({
        lines: [`C: ${command} ${mechanism} ${say(user, 't')}`, loggedIn, ...out],
        asks: [asked(mechanism, user, 't')],
        sees: sees(user, 't', address),
      }),
      { block, answers: [(backend) => accept(backend, `Auth-Error-SASL: ${ERROR}`)] },
    ),
    make(
      name('without a login nobody is asked'),
      [`C: ${command} ${mechanism} ${say('', 't')}`, invalid, `C: ${command} ${mechanism} =`, invalid],
      { block },
    ),
    make(name('refused where it is not enabled'), [`C: ${command} ${mechanism}`, invalid], {
      block: protocol,
    }),
  ];
}

const imap = casesOf('imap');
const pop3 = casesOf('pop3');
const smtp = casesOf('smtp');
const LONG = 't'.repeat(1500);

export const oauthLogins: readonly SpecCase[] = [
  ...(['imap', 'pop3', 'smtp'] as const).flatMap((protocol) =>
    MECHANISMS.flatMap((mechanism) => loginsBy(protocol, mechanism)),
  ),
  imap(
    'the mechanisms in CAPABILITY',
    ['C: a CAPABILITY', 'S: * CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER', 'S: a OK completed'],
    { block: 'imap-oauth' },
  ),
  pop3(
    'the mechanisms in CAPA and AUTH',
    [
      'C: CAPA',
      'S: +OK Capability list follows',
      'S: TOP',
      'S: USER',
      'S: UIDL',
      'S: SASL PLAIN LOGIN XOAUTH2 OAUTHBEARER',
      'S: .',
      'C: AUTH',
      'S: +OK methods supported:',
      'S: PLAIN',
      'S: LOGIN',
      'S: XOAUTH2',
      'S: OAUTHBEARER',
      'S: .',
    ],
    { block: 'pop3-oauth' },
  ),
  smtp('the mechanisms in EHLO', [...EHLO, 'S: 250 AUTH PLAIN XOAUTH2 OAUTHBEARER'], { block: 'smtp-oauth' }),
  imap(
    'an error is told under the tag of its command, though another is in the buffer',
    ({ user }) => ({
      lines: [
        `C: first AUTHENTICATE XOAUTH2 ${message.XOAUTH2(user, 't')}`,
        `S: + ${ERROR}`,
        'C: a b c d e',
        'S: first BAD invalid command',
        'C: x NOOP',
        'S: x OK completed',
      ],
      asks: [asked('XOAUTH2', user, 't')],
    }),
    { block: 'imap-oauth', answers: [PATIENT] },
  ),
  pop3(
    'a token of many bytes fits into pop3_client_buffer',
    ({ user, address }) => ({
      lines: ['C: AUTH XOAUTH2', 'S: + ', `C: ${message.XOAUTH2(user, LONG)}`, 'S: +OK logged in', ...SPEECH.pop3.out],
      asks: [asked('XOAUTH2', user, LONG)],
      sees: SPEECH.pop3.sees(user, LONG, address),
    }),
    { block: 'pop3-oauth' },
  ),
  pop3('and not into 128 bytes', [`C: AUTH XOAUTH2 ${message.XOAUTH2('joe', LONG)}`, 'S: -ERR invalid command', '--'], {
    block: 'pop3-narrow',
  }),
];
