// What the auth server may answer, and what it may do wrong.
import { saslPlain } from '../../support/bytes.ts';
import { type Case, CLOSED, casesOf, headers, ok, raw } from '../case.ts';

const imap = casesOf('imap');
const pop3 = casesOf('pop3');
const smtp = casesOf('smtp');
const LOGIN = 'a LOGIN user pass\r\n';
const BYE = ['z LOGOUT\r\n', CLOSED] as const;
const PLAIN = saslPlain('user', 'pass');
const STATUS = 'HTTP/1.0 200 OK\r\n';
const WHERE = 'Auth-Status: OK\r\nAuth-Server: $HOST\r\nAuth-Port: $PORT\r\n';

/** A response that lets in, its header block exactly `size` bytes long. */
function sized(size: number): string {
  const base = `${STATUS}${WHERE}X-Fill: `.replace('$HOST', '127.100.100.100').replace('$PORT', '40000');
  return `${STATUS}${WHERE}X-Fill: ${'x'.repeat(size - base.length - 4)}\r\n\r\n`;
}

/** Cases that end well: the answer lets the session in. */
const good: readonly Case[] = [
  imap('auth: replaced login', [LOGIN, ...BYE], { auth: [ok('Auth-User: other')] }),
  imap('auth: replaced password', [LOGIN, ...BYE], { auth: [ok('Auth-Pass: secret')] }),
  imap('auth: replaced by empty values', [LOGIN, ...BYE], { auth: [ok('Auth-User:', 'Auth-Pass:')] }),
  imap('auth: replaced by values with spaces', [LOGIN, ...BYE], {
    auth: [ok('Auth-User: a b  c  ', 'Auth-Pass:   d e ')],
  }),
  imap('auth: replaced by 8-bit values', [LOGIN, ...BYE], { auth: [ok('Auth-User: \xfc%20', 'Auth-Pass: "\xff"')] }),
  imap('auth: header names in any case', [LOGIN, ...BYE], {
    auth: [headers('AUTH-STATUS: OK', 'auth-server: $HOST', 'aUtH-pOrT: $PORT')],
  }),
  imap('auth: no Auth-Status', [LOGIN, ...BYE], { auth: [headers('Auth-Server: $HOST', 'Auth-Port: $PORT')] }),
  imap('auth: values without a space', [LOGIN, ...BYE], {
    auth: [headers('Auth-Status:OK', 'Auth-Server:$HOST', 'Auth-Port:$PORT')],
  }),
  imap('auth: values behind many spaces', [LOGIN, ...BYE], {
    auth: [headers('Auth-Status:    OK   ', 'Auth-Server:   $HOST  ', 'Auth-Port:   $PORT   ')],
  }),
  imap('auth: unknown headers', [LOGIN, ...BYE], {
    auth: [ok('X-Unknown: 1', 'Server: x', 'Auth: 1', 'Auth-Statusx: NO')],
  }),
  imap('auth: a header without colon', [LOGIN, ...BYE], { auth: [ok('Foo')] }),
  imap('auth: duplicate headers, the last wins', [LOGIN, ...BYE], {
    auth: [ok('Auth-User: one', 'Auth-User: two', 'Auth-Pass: 1', 'Auth-Pass: 2')],
  }),
  imap('auth: status 500 is ignored', [LOGIN, ...BYE], { auth: [raw(`HTTP/1.1 500 Oops\r\n${WHERE}\r\n`)] }),
  imap('auth: no status line', [LOGIN, ...BYE], { auth: [raw(`${WHERE}\r\n`)] }),
  imap('auth: bare LF', [LOGIN, ...BYE], { auth: [raw(`${STATUS}${WHERE}\r\n`.replaceAll('\r', ''))] }),
  imap('auth: short status line', [LOGIN, ...BYE], { auth: [raw(`HTTP/\r\n${WHERE}\r\n`)] }),
  imap('auth: a body', [LOGIN, ...BYE], { auth: [raw(`${STATUS}${WHERE}\r\nAuth-Status: no\r\n\r\n`)] }),
  imap('auth: the answer byte by byte', [LOGIN, ...BYE], {
    auth: [{ raw: `${STATUS}${WHERE}Auth-User: x\r\n\r\n`, piece: 1 }],
  }),
  imap('auth: a header block of 1024 bytes', [LOGIN, ...BYE], { auth: [raw(sized(1024))] }),
  imap('auth: Auth-Wait ignored on success', [LOGIN, ...BYE], { auth: [ok('Auth-Wait: 5')] }),
  imap('auth: Auth-Error-Code ignored on success', [LOGIN, ...BYE], { auth: [ok('Auth-Error-Code: 450')] }),
  imap('auth: port with leading zeros', [LOGIN, ...BYE], {
    auth: [headers('Auth-Status: OK', 'Auth-Server: $HOST', 'Auth-Port: 0$PORT')],
  }),
  imap('auth: WAIT, then OK', [LOGIN, ...BYE], { auth: [headers('Auth-Status: WAIT', 'Auth-Wait: 1'), ok()] }),
  imap('auth: WAIT, then no', [LOGIN, CLOSED], {
    auth: [headers('Auth-Status: WAIT', 'Auth-Wait: 1'), headers('Auth-Status: no')],
  }),
  imap('auth: custom headers and URI', [LOGIN, ...BYE], {
    conf: 'auth_http $AUTH/x/y?a=b; auth_http_header X-Key "a b"; auth_http_header Y-Key "";',
  }),
  imap('auth: URI without a path', [LOGIN, ...BYE], { conf: 'auth_http http://$AUTH;' }),
  imap('auth: URI of a query only', [LOGIN, ...BYE], { conf: 'auth_http $AUTH?x=1;' }),
  imap('auth: URI with a space', [LOGIN, ...BYE], { conf: 'auth_http "http://$AUTH/a b";' }),
];

const refused: readonly Case[] = [
  imap('auth: refused', [LOGIN, CLOSED], { auth: [headers('Auth-Status: Invalid login or password')] }),
  pop3('auth: refused', ['USER u\r\n', 'PASS p\r\n', CLOSED], {
    auth: [headers('Auth-Status: Invalid login or password')],
  }),
  imap('auth: ok in lower case is a refusal', [LOGIN, CLOSED], { auth: [headers('Auth-Status: ok')] }),
  imap('auth: an empty status is a refusal', [LOGIN, CLOSED], { auth: [headers('Auth-Status:')] }),
  pop3('auth: an empty status is a refusal', ['USER u\r\n', 'PASS p\r\n', CLOSED], { auth: [headers('Auth-Status:')] }),
  imap('auth: OKAY is a refusal', [LOGIN, CLOSED], { auth: [headers('Auth-Status: OKAY')] }),
  imap('auth: a refusal is not undone by OK', [LOGIN, CLOSED], {
    auth: [headers('Auth-Status: no', 'Auth-Status: OK')],
  }),
  imap('auth: the last refusal wins', [LOGIN, CLOSED], { auth: [headers('Auth-Status: one', 'Auth-Status: two')] }),
  imap('auth: refused with a new login in the log', [LOGIN, CLOSED], {
    auth: [headers('Auth-User: other', 'Auth-Status: no')],
  }),
  imap('auth: refused, Auth-Wait 0', [LOGIN, CLOSED], { auth: [headers('Auth-Status: no', 'Auth-Wait: 0')] }),
  imap('auth: refused, Auth-Wait not a number', [LOGIN, CLOSED], {
    auth: [headers('Auth-Status: no', 'Auth-Wait: soon')],
  }),
  imap('auth: refused, Auth-Error-Code ignored', [LOGIN, CLOSED], {
    auth: [headers('Auth-Status: no', 'Auth-Error-Code: 450')],
  }),
  imap('auth: refused with a wait, then again', [LOGIN, 'b NOOP\r\n', 'c LOGIN x y\r\n', ...BYE], {
    auth: [headers('Auth-Status: no', 'Auth-Wait: 1'), ok()],
  }),
  pop3(
    'auth: refused with a wait, then again',
    ['USER u\r\n', 'PASS p\r\n', 'PASS p\r\n', 'USER v\r\n', 'PASS q\r\n', 'QUIT\r\n', CLOSED],
    {
      auth: [headers('Auth-Status: no', 'Auth-Wait: 1'), ok()],
    },
  ),
  imap('auth: commands pipelined behind a refusal with a wait', [`${LOGIN}b NOOP\r\nc LOGOUT\r\n`, CLOSED], {
    auth: [headers('Auth-Status: no', 'Auth-Wait: 1')],
  }),
  imap(
    'auth: an error pipelined behind a refusal with a wait',
    [{ send: `${LOGIN}b AUTHENTICATE PLAIN YQ==\r\nc LOGOUT\r\n`, whole: true }, CLOSED],
    {
      auth: [headers('Auth-Status: no', 'Auth-Wait: 1')],
    },
  ),
  imap('auth: commands pipelined behind a refusal', [{ send: LOGIN, replies: 1 }, CLOSED], {
    auth: [headers('Auth-Status: no')],
  }),
  imap('auth: a status with 8-bit bytes and quotes', [LOGIN, CLOSED], { auth: [headers('Auth-Status: N\xf6 "way"')] }),
  imap('auth: a status with a TAB', [LOGIN, CLOSED], { auth: [headers('Auth-Status: \tno\t')] }),
];

const broken: readonly Case[] = [
  imap('auth: no server', [LOGIN, CLOSED], { auth: [headers('Auth-Status: OK', 'Auth-Port: 143')] }),
  imap('auth: no port', [LOGIN, CLOSED], { auth: [headers('Auth-Status: OK', 'Auth-Server: $HOST')] }),
  pop3('auth: nothing at all', ['USER u\r\n', 'PASS p\r\n', CLOSED], { auth: [headers()] }),
  imap('auth: an empty server', [LOGIN, CLOSED], {
    auth: [headers('Auth-Status: OK', 'Auth-Server:', 'Auth-Port: 143')],
  }),
  ...['localhost', '[::1]', '127.0.0.1:143', '1.2.3', '1.2.3.256', '255.255.255.255', 'x', '::g', '127.0.0.1 x'].map(
    (server) =>
      imap(`auth: server ${server}`, [LOGIN, CLOSED], {
        auth: [headers('Auth-Status: OK', `Auth-Server: ${server}`, 'Auth-Port: 143')],
      }),
  ),
  ...['0', '65536', '-1', '143x', 'imap', '99999999999999999999', '1 2', '0x8f'].map((port) =>
    imap(`auth: port ${port}`, [LOGIN, CLOSED], {
      auth: [headers('Auth-Status: OK', 'Auth-Server: $HOST', `Auth-Port: ${port}`)],
    }),
  ),
  smtp('auth: an invalid server', [`AUTH PLAIN ${PLAIN}\r\n`, CLOSED], {
    auth: [headers('Auth-Status: OK', 'Auth-Server: mx', 'Auth-Port: 25')],
  }),
  imap('auth: a header name with an underscore', [LOGIN, CLOSED], { auth: [ok('Auth_X: 1')] }),
  imap('auth: a space before the colon', [LOGIN, CLOSED], { auth: [ok('Auth-User : x')] }),
  imap('auth: a folded header', [LOGIN, CLOSED], { auth: [ok('Auth-User: x', ' y')] }),
  imap('auth: a header name that starts with a dash', [LOGIN, CLOSED], { auth: [ok('-x: y')] }),
  imap('auth: CR inside a header', [LOGIN, CLOSED], { auth: [raw(`${STATUS}Auth-User: a\rb\r\n${WHERE}\r\n`)] }),
  imap('auth: CR inside the status line', [LOGIN, CLOSED], { auth: [raw(`HTTP/1.0 200\rOK\r\n${WHERE}\r\n`)] }),
  imap('auth: garbage', [LOGIN, CLOSED], { auth: [raw('\x00\xff\x00 garbage\r\n\r\n')] }),
  imap('auth: http in lower case is a header', [LOGIN, CLOSED], { auth: [raw(`http/1.0 200 OK\r\n${WHERE}\r\n`)] }),
  imap('auth: nobody listens', [LOGIN, CLOSED], { conf: 'auth_http $HOST:1/auth;' }),
  pop3('auth: nobody listens', ['USER u\r\n', 'PASS p\r\n', CLOSED], { conf: 'auth_http $HOST:1/auth;' }),
  smtp('auth: nobody listens', [`AUTH PLAIN ${PLAIN}\r\n`, CLOSED], { conf: 'auth_http $HOST:1/auth;' }),
  imap('auth: a unix socket that is not there', [LOGIN, CLOSED], { conf: 'auth_http unix:$DIR/nowhere:/auth;' }),
  imap('auth: a header block of 1100 bytes', [LOGIN, CLOSED], {
    auth: [raw(sized(1100))],
    conf: 'auth_http_timeout 500ms;',
    log: false,
  }),
  imap('auth: silence', [LOGIN, CLOSED], { auth: [raw('')], conf: 'auth_http_timeout 300ms;' }),
  imap('auth: silence in the middle', [LOGIN, CLOSED], {
    auth: [raw(`${STATUS}Auth-Sta`)],
    conf: 'auth_http_timeout 300ms;',
  }),
  imap('auth: a reset', [LOGIN, CLOSED], { auth: [raw('', 'reset')] }),
  imap('auth: closed without an answer', [LOGIN, CLOSED], { auth: [raw('', 'close')] }),
];

export const authReplies: readonly Case[] = [...good, ...refused, ...broken];
