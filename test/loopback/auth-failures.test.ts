// An auth server that fails in every way: each session ends with the protocol's internal error and the right record.
import { base64 } from '../support/bytes.ts';
import { type AuthAnswer, accept, refuse, response } from '../support/fake-auth.ts';
import type { Answer } from '../support/mail-spec/arena.ts';
import { type LoggedCase, loggedSpec, type Records } from '../support/mail-spec/logged.ts';
import type { Line } from '../support/mail-spec/transcript.ts';

const INTERNAL: readonly Line[] = ['S: * BAD internal server error', '--'];
const QUICK = 'auth_http_timeout 150ms;';
const STATE = 'while in http auth state';

/** An IMAP login that fails. Without a text nothing is logged about it. */
function failing(name: string, answer: AuthAnswer | string | Answer, text?: string, block = 'imap'): LoggedCase {
  const records = (log: Records): readonly string[] =>
    text === undefined ? [] : [log.login(`${text.replace('$AUTH', log.auth)} ${STATE}`)];
  return {
    name,
    block,
    answers: [typeof answer === 'function' ? answer : () => answer],
    lines: (user) => [`C: a LOGIN ${user} secret`, ...INTERNAL],
    records,
  };
}

/** A login that gets in, whatever the answer looks like. */
function passing(name: string, answer: Answer, block = 'imap'): LoggedCase {
  return {
    name,
    block,
    answers: [answer],
    lines: (user) => [`C: a LOGIN ${user} secret`, 'S: a OK logged in', 'C: b LOGOUT', 'S: +OK 250 [b LOGOUT]', '--'],
    records: (log) => [log.upstream('[info] client logged in'), log.upstream('[info] proxied session done')],
  };
}

const TIMED_OUT = '[error] auth http server $AUTH timed out (110: Connection timed out)';
const INVALID_RESPONSE = '[error] auth http server $AUTH sent invalid response';
const INVALID_HEADER = '[error] auth http server $AUTH sent invalid header in response';
const NOWHERE = '[error] auth http server $AUTH did not send server or port';
const RESET = '[error] recv() failed (104: Connection reset by peer)';

const connection: readonly LoggedCase[] = [
  failing('refuses the connection', '', '[error] recv() failed (111: Connection refused)', 'dead'),
  failing(
    'has no socket',
    '',
    '[crit] connect() to unix:/nonexistent/auth failed (2: No such file or directory)',
    'unix',
  ),
  failing('is silent', { bytes: '' }, TIMED_OUT, 'quick'),
  failing('is silent in the middle of a header', { bytes: 'HTTP/1.0 200 OK\r\nAuth-Sta' }, TIMED_OUT, 'quick'),
  failing('is silent before the empty line', { bytes: 'HTTP/1.0 200 OK\r\nAuth-Status: no\r\n' }, TIMED_OUT, 'quick'),
  failing('resets at once', { bytes: '', ending: 'reset' }, RESET),
  ...[...'HTTP/1.0 200\r\nAuth-Status: no\r\n\r'].map((_, length, all) =>
    failing(`closes after ${length} bytes`, { bytes: all.slice(0, length).join(''), ending: 'close' }),
  ),
];

const HEAD = 'HTTP/1.0 200 OK\r\n';
/** Headers that let in, filled up to so many bytes. */
const filled =
  (length: number, body = ''): Answer =>
  (backend) => {
    const rest = `\r\nAuth-Status: OK\r\nAuth-Server: ${backend.host}\r\nAuth-Port: ${backend.port}\r\n\r\n`;
    const fill = length - HEAD.length - rest.length - 'X: '.length;
    return { bytes: `${HEAD}X: ${'x'.repeat(fill)}${rest}${body}` };
  };

const shape: readonly LoggedCase[] = [
  passing('sends its answer byte by byte', (backend) => ({ bytes: accept(backend), piece: 1 })),
  passing('sends exactly 1024 bytes of headers, and a body', filled(1024, 'body'.repeat(5000))),
  failing('sends 1025 bytes of headers', filled(1025)),
  passing('sends 4096 bytes of headers, with auth_http_buffer', filled(4096, 'body'.repeat(5000)), 'wide'),
  passing(
    'sends a password of 3000 bytes in pieces, with auth_http_buffer',
    (backend) => ({ bytes: accept(backend, `Auth-Pass: ${'x'.repeat(3000)}`), piece: 500 }),
    'wide',
  ),
  failing(
    'sends 4097 bytes of headers, with auth_http_buffer',
    filled(4097),
    '[error] auth http server $AUTH sent too long response',
    'wide',
  ),
  passing('sends 1024 bytes of headers, with a smaller auth_http_buffer', filled(1024), 'narrow'),
  failing('sends headers without end', { bytes: `${HEAD}X: ${'x'.repeat(100_000)}` }),
  passing('has a bad status, which nobody looks at', (backend) => accept(backend).replace('200 OK', '500 Oops')),
  passing('has no status line', (backend) => accept(backend).replace(HEAD, '')),
  passing('ends its lines with LF only, and has names in any case', (backend) =>
    accept(backend).replaceAll('\r\n', '\n').replace('Auth-Server', 'aUTH-sERVER'),
  ),
  passing('sends headers that nobody knows, doubled ones, and one without a colon', (backend) =>
    response(
      'X',
      'Auth-Server: 192.0.2.1',
      'Auth-Port: 1',
      `Auth-Server:${backend.host}`,
      `Auth-Port:   ${backend.port}   `,
    ),
  ),
  failing('breaks its status line', { bytes: 'HTTP/1.0 200 OK\rAuth-Status: OK\r\n\r\n' }, INVALID_RESPONSE),
  failing('sends garbage', { bytes: '\x00\x01\x02\xff' }, INVALID_HEADER),
  failing('sends a line of text', { bytes: 'Internal Server Error\r\n\r\n' }, INVALID_HEADER),
  failing('speaks TLS', { bytes: '\x15\x03\x01\0\x02\x02\x46' }, INVALID_HEADER),
  failing('has an underscore in a name', response('Auth_Status: OK'), INVALID_HEADER),
  failing('has a space before the colon', response('Auth-Status : OK'), INVALID_HEADER),
  failing('folds a header', response('Auth-Status: OK', ' more'), INVALID_HEADER),
  failing('begins a name with a dash', response('-Auth-Status: OK'), INVALID_HEADER),
  failing('has a CR in a value', response('Auth-Status: a\rb'), INVALID_HEADER),
  failing('has a CR before the end', { bytes: `${HEAD}\rX` }, INVALID_HEADER),
];

const server = (value: string): string => response('Auth-Status: OK', `Auth-Server: ${value}`, 'Auth-Port: 25');
const port = (value: string): string => response('Auth-Status: OK', 'Auth-Server: 127.0.0.1', `Auth-Port: ${value}`);

const values: readonly LoggedCase[] = [
  failing('says nothing', response(), NOWHERE),
  failing('names no server', response('Auth-Status: OK', 'Auth-Port: 25'), NOWHERE),
  failing('names no port', response('Auth-Status: OK', 'Auth-Server: 127.0.0.1'), NOWHERE),
  failing('names an empty server', server(''), NOWHERE),
  failing('names an empty port', port(''), NOWHERE),
  ...['localhost', '[::1]', 'unix:', '127.0.0.1:25', '255.255.255.255', '127.1', '127.0.0.1 x', '::1%lo'].map((name) =>
    failing(
      `names the server ${name}`,
      server(name),
      `[error] auth http server $AUTH sent invalid server address:"${name}"`,
    ),
  ),
  ...['0', '65536', '-1', '25x', 'smtp', '1 2', '99999999999999999999'].map((number) =>
    failing(
      `names the port ${number}`,
      port(number),
      `[error] auth http server $AUTH sent invalid server port:"${number}"`,
    ),
  ),
  ...['no', 'ok', 'OK ready', 'wait', 'Wait'].map(
    (status): LoggedCase => ({
      name: `says ${status}, which is a refusal`,
      block: 'imap',
      answers: [(backend) => accept(backend, `Auth-Status: ${status}`, 'Auth-Status: OK')],
      lines: (user) => [`C: a LOGIN ${user} secret`, `S: a NO ${status}`, '--'],
      records: (log) => [log.login(`[info] client login failed: "${status}" ${STATE}`)],
    }),
  ),
  ...['0', 'x', '-1', '1x', '', '0.5'].map(
    (wait): LoggedCase => ({
      name: `refuses with Auth-Wait "${wait}", which is none`,
      block: 'imap',
      answers: [() => refuse('no', `Auth-Wait: ${wait}`)],
      lines: (user) => [`C: a LOGIN ${user} secret`, 'S: a NO no', '--'],
      records: (log) => [log.login(`[info] client login failed: "no" ${STATE}`)],
    }),
  ),
];

const others: readonly LoggedCase[] = [
  {
    name: 'says WAIT without Auth-Wait: asked again, and an OK is one',
    block: 'imap',
    answers: [() => response('Auth-Status: WAIT'), accept],
    lines: (user) => [`C: a LOGIN ${user} secret`, 'S: a OK logged in', 'C: b LOGOUT', 'S: +OK 250 [b LOGOUT]', '--'],
    records: (log) => [log.upstream('[info] client logged in'), log.upstream('[info] proxied session done')],
  },
  {
    name: 'gives no password for EXTERNAL',
    block: 'external',
    answers: [accept],
    lines: (user) => [`C: a AUTHENTICATE EXTERNAL ${base64(user)}`, ...INTERNAL],
    records: (log) => [log.login(`[error] auth http server ${log.auth} did not send password ${STATE}`)],
  },
  {
    name: 'gives no password for APOP',
    block: 'apop',
    answers: [accept],
    lines: (user) => [`C: APOP ${user} digest`, 'S: -ERR internal server error', '--'],
    records: (log) => [log.login(`[error] auth http server ${log.auth} did not send password ${STATE}`)],
  },
  {
    name: 'fails a POP3 session',
    block: 'pop3-quick',
    answers: [() => ({ bytes: '' })],
    lines: (user) => [`C: USER ${user}`, 'S: +OK', 'C: PASS x', 'S: -ERR internal server error', '--'],
    records: (log: Records) => [log.login(`${TIMED_OUT.replace('$AUTH', log.auth)} ${STATE}`)],
  },
  {
    name: 'fails an SMTP session',
    block: 'smtp-quick',
    answers: [() => ({ bytes: '' })],
    lines: (user) => [
      `C: AUTH LOGIN ${base64(user)}`,
      'S: 334 UGFzc3dvcmQ6',
      'C: eA==',
      'S: 451 4.3.2 Internal server error',
      '--',
    ],
    records: (log: Records) => [log.login(`${TIMED_OUT.replace('$AUTH', log.auth)} ${STATE}`)],
  },
  {
    name: 'fails a session that resets meanwhile',
    block: 'quick',
    answers: [() => ({ bytes: '' })],
    lines: (user) => [`C: a LOGIN ${user} secret`],
    next: async (wire, stage) => {
      await stage.asked(1);
      wire.reset();
    },
  },
];

loggedSpec(
  'an auth server that',
  {
    allow: /\[crit\].*connect\(\) to unix:\/nonexistent\/auth failed/,
    blocks: {
      imap: { protocol: 'imap' },
      wide: { protocol: 'imap', conf: 'auth_http_buffer 4k;' },
      narrow: { protocol: 'imap', conf: 'auth_http_buffer 1;' },
      quick: { protocol: 'imap', conf: QUICK },
      'pop3-quick': { protocol: 'pop3', conf: QUICK },
      'smtp-quick': { protocol: 'smtp', conf: QUICK },
      dead: { protocol: 'imap', conf: 'auth_http @nobody@;' },
      unix: { protocol: 'imap', conf: 'auth_http unix:/nonexistent/auth;' },
      external: { protocol: 'imap', conf: 'imap_auth external;' },
      apop: { protocol: 'pop3', conf: 'pop3_auth apop;' },
    },
  },
  [...connection, ...shape, ...values, ...others],
);
