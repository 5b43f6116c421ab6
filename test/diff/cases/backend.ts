// What the backend may answer during the login, and the relay.
import { saslPlain } from '../../support/bytes.ts';
import { type Backend, type Case, CLOSED, casesOf, type Extra, type Step } from '../case.ts';

const imap = casesOf('imap');
const pop3 = casesOf('pop3');
const smtp = casesOf('smtp');
const PASS_ON = 'proxy_pass_error_message on;';

/** Server and backend of a case. */
type How = Pick<Case, 'conf'> & Omit<Backend, 'texts'>;

function scripted(texts: Backend['texts'], { conf = '', ...how }: How): Extra {
  return { conf, backend: { texts, ...how } };
}

/** A case that logs in against a scripted backend; the session ends with the login unless steps follow. */
function imapLogin(name: string, texts: Backend['texts'], then: readonly Step[] = [CLOSED], extra: How = {}): Case {
  return imap(`backend: ${name}`, ['a LOGIN user pass\r\n', ...then], scripted(texts, extra));
}
function pop3Login(name: string, texts: Backend['texts'], then: readonly Step[] = [CLOSED], extra: How = {}): Case {
  return pop3(`backend: ${name}`, ['USER user\r\n', 'PASS pass\r\n', ...then], scripted(texts, extra));
}
function smtpLogin(name: string, texts: Backend['texts'], then: readonly Step[] = [CLOSED], extra: How = {}): Case {
  const login = `AUTH PLAIN ${saslPlain('user', 'pass')}\r\n`;
  return smtp(`backend: ${name}`, ['EHLO c\r\n', login, ...then], scripted(texts, extra));
}

const OUT = ['z LOGOUT\r\n', CLOSED] as const;
const QUIT = ['QUIT\r\n', CLOSED] as const;
const GREET = '* OK hi\r\n';
const ERR = '-ERR no\r\n';

/** Each refusal twice: hidden, and passed on to the client. */
function bothWays(make: (name: string, extra: How) => Case, name: string): Case[] {
  return [make(name, {}), make(`${name}, passed on`, { conf: PASS_ON })];
}

const imapCases: readonly Case[] = [
  ...bothWays((n, e) => imapLogin(n, ['* BYE go away\r\n'], [CLOSED], e), 'BYE greeting'),
  ...bothWays((n, e) => imapLogin(n, ['* PREAUTH hello\r\n'], [CLOSED], e), 'PREAUTH greeting'),
  ...bothWays((n, e) => imapLogin(n, [GREET, '$TAG BAD what\r\n'], [CLOSED], e), 'LOGIN refused at once'),
  ...bothWays((n, e) => imapLogin(n, [GREET, '+ OK\r\n', '$TAG NO user\r\n'], [CLOSED], e), 'refused after the user'),
  ...bothWays(
    (n, e) => imapLogin(n, [GREET, '+ OK\r\n', '+ OK\r\n', '$TAG NO bad stuff\r\n'], [CLOSED], e),
    'refused after the password',
  ),
  ...bothWays((n, e) => imapLogin(n, [GREET, '+ OK\r\n', '+ OK\r\n', 'other OK x\r\n'], [CLOSED], e), 'wrong tag'),
  ...bothWays(
    (n, e) => imapLogin(n, [GREET, '+ OK\r\n', '+ OK\r\n', '$TAG ok x\r\n'], [CLOSED], e),
    'ok in lower case',
  ),
  imapLogin('a greeting byte by byte', [GREET, '+ go ahead\r\n', '+ go\r\n', '$TAG OK [CAPABILITY X] done\r\n'], OUT, {
    piece: 1,
  }),
  imapLogin('a short continuation', [GREET, '+\r\n'], [CLOSED], { conf: 'timeout 500ms;', after: 'silence' }),
  imapLogin('closed at once', [null]),
  imapLogin('closed after the greeting', [GREET, null]),
  imapLogin('closed after the password', [GREET, '+ OK\r\n', '+ OK\r\n', null]),
  imapLogin('a greeting without line end, then silence', ['* OK'], [CLOSED], {
    conf: 'timeout 500ms;',
    after: 'silence',
  }),
  imapLogin('a greeting with bare LF, then silence', ['* OK hi\n'], [CLOSED], {
    conf: 'timeout 500ms;',
    after: 'silence',
  }),
  imapLogin('silence', [], [CLOSED], { conf: 'timeout 500ms;', after: 'silence' }),
  imapLogin('silence after LOGIN', [GREET], [CLOSED], { conf: 'timeout 500ms;', after: 'silence' }),
  imapLogin('a reply that fills proxy_buffer', [`* OK ${'x'.repeat(59)}`], [CLOSED], {
    conf: 'proxy_buffer 64;',
    after: 'silence',
  }),
  imapLogin(
    'a reply as long as proxy_buffer',
    [`* OK ${'x'.repeat(57)}\r\n`, '+ OK\r\n', '+ OK\r\n', '$TAG OK\r\n'],
    OUT,
    { conf: 'proxy_buffer 64;' },
  ),
  imapLogin('more than the greeting at once', ['* OK hi\r\n* more\r\n', '+ OK\r\n', '+ OK\r\n', '$TAG OK\r\n'], OUT),
  imapLogin('bytes behind the final OK', [GREET, '+ OK\r\n', '+ OK\r\n', '$TAG OK x\r\n* 3 EXISTS\r\n'], [...OUT]),
];

const pop3Cases: readonly Case[] = [
  ...bothWays((n, e) => pop3Login(n, [ERR], [CLOSED], e), 'refused at the greeting'),
  ...bothWays((n, e) => pop3Login(n, ['+OK\r\n', ERR], [CLOSED], e), 'refused at USER'),
  ...bothWays((n, e) => pop3Login(n, ['+OK\r\n', '+OK\r\n', '-ERR [AUTH] wrong\r\n'], [CLOSED], e), 'refused at PASS'),
  ...bothWays(
    (n, e) => pop3Login(n, ['+OK\r\n', '+OK\r\n', '-ERR one\r\n-ERR two\r\n'], [CLOSED], e),
    'a refusal of two lines',
  ),
  pop3Login('garbage', ['garbage\r\n']),
  pop3Login('+ok in lower case', ['+ok\r\n']),
  pop3Login('+OKAY is good enough', ['+OKAY\r\n', '+OK\r\n', '+OKIDOKI\r\n'], QUIT),
  pop3Login('in pieces', ['+OK hi\r\n', '+OK user\r\n', '+OK pass\r\n'], ['STAT\r\n', ...QUIT], { piece: 2 }),
  pop3Login('closed after USER', ['+OK\r\n', null]),
  pop3Login('silence after PASS', ['+OK\r\n', '+OK\r\n'], [CLOSED], { conf: 'timeout 500ms;', after: 'silence' }),
  pop3Login('half a reply after PASS', ['+OK\r\n', '+OK\r\n', '+OK log'], [CLOSED], {
    conf: 'timeout 500ms;',
    after: 'silence',
  }),
  pop3Login('closes after the login', ['+OK\r\n', '+OK\r\n', '+OK\r\n'], [CLOSED], { after: 'close' }),
];

const EHLO = '250-backend\r\n250-XCLIENT NAME ADDR\r\n250 SIZE\r\n';

const smtpCases: readonly Case[] = [
  ...bothWays((n, e) => smtpLogin(n, ['554 no service\r\n'], [CLOSED], e), 'refused at the greeting'),
  ...bothWays((n, e) => smtpLogin(n, ['220 hi\r\n', '502 no EHLO\r\n'], [CLOSED], e), 'refused at EHLO'),
  ...bothWays((n, e) => smtpLogin(n, ['220 hi\r\n', EHLO, '550 no XCLIENT\r\n'], [CLOSED], e), 'refused at XCLIENT'),
  ...bothWays(
    (n, e) => smtpLogin(n, ['220 hi\r\n', EHLO, '220 hi\r\n', '501-bad\r\n501 name\r\n'], [CLOSED], e),
    'refused at the client EHLO',
  ),
  ...bothWays(
    (n, e) =>
      smtpLogin(n, ['220 hi\r\n', EHLO, '220 hi\r\n', EHLO, '535 wrong\r\n'], [CLOSED], {
        ...e,
        conf: `${e.conf ?? ''} proxy_smtp_auth on;`,
      }),
    'refused at AUTH',
  ),
  smtpLogin('a multi-line greeting', ['220-hello\r\n220-there\r\n220 hi\r\n', EHLO, '220 hi\r\n', EHLO], QUIT),
  smtpLogin('multi-line replies in pieces', ['220-a\r\n220 b\r\n', EHLO, '220 hi\r\n', EHLO], QUIT, { piece: 5 }),
  smtpLogin('XCLIENT answered by 250', ['220 hi\r\n', EHLO, '250 ok\r\n', EHLO], QUIT),
  smtpLogin('250 for a greeting', ['250 hi\r\n']),
  smtpLogin('closed after EHLO', ['220 hi\r\n', null]),
  smtpLogin('silence after XCLIENT', ['220 hi\r\n', EHLO], [CLOSED], { conf: 'timeout 500ms;', after: 'silence' }),
  smtp('backend: MAIL refused', ['MAIL FROM:<a>\r\n', 'RCPT TO:<b>\r\n', CLOSED], {
    conf: `smtp_auth none; xclient off; ${PASS_ON}`,
    backend: { texts: ['220 hi\r\n', '250 hi\r\n', '552 no\r\n'] },
  }),
  ...['250 ok\r\n', '550 unknown\r\n', '451-later\r\n451 please\r\n'].map((reply) =>
    smtp(
      `backend: RCPT answered by ${JSON.stringify(reply)}`,
      ['MAIL FROM:<a>\r\n', 'RCPT TO:<b>\r\n', 'RCPT TO:<c>\r\n', ...QUIT],
      {
        conf: 'smtp_auth none; xclient off;',
        backend: { texts: ['220 hi\r\n', '250 hi\r\n', '250 ok\r\n', reply] },
      },
    ),
  ),
];

const relay: readonly Case[] = [
  imap('relay: 100 kB down', [
    'a LOGIN u p\r\n',
    { backend: `* ${'x'.repeat(100_000)}\r\nb OK\r\n`, replies: 1 },
    ...OUT,
  ]),
  imap('relay: 100 kB up', ['a LOGIN u p\r\n', `b APPEND ${'y'.repeat(100_000)}\r\n`, ...OUT]),
  imap('relay: any bytes', ['a LOGIN u p\r\n', { send: '\0\x01\xff\r\r\n', replies: 1 }, ...OUT]),
  imap('relay: the backend closes', [
    'a LOGIN u p\r\n',
    { backend: '* BYE\r\nx\r\n', replies: 1 },
    { backendEnd: 'close' },
    CLOSED,
  ]),
  imap('relay: the backend resets', ['a LOGIN u p\r\n', { backendEnd: 'reset' }, CLOSED]),
  imap('relay: the client closes', ['a LOGIN u p\r\n', { end: 'close' }, CLOSED]),
  imap('relay: proxy_timeout', ['a LOGIN u p\r\n', CLOSED], { conf: 'proxy_timeout 300ms;' }),
  imap('relay: small buffers', ['a LOGIN u p\r\n', `b X ${'y'.repeat(500)}\r\n`, ...OUT], {
    conf: 'imap_client_buffer 32; proxy_buffer 64;',
  }),
];

export const backendCases: readonly Case[] = [...imapCases, ...pop3Cases, ...smtpCases, ...relay];
