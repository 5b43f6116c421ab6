// What the listener decides: TLS from the first byte or by command, PROXY headers in and out, capabilities.
import { saslPlain } from '../../support/bytes.ts';
import { type Case, CLOSED, casesOf } from '../case.ts';

const imap = casesOf('imap');
const pop3 = casesOf('pop3');
const smtp = casesOf('smtp');
const OUT = ['z LOGOUT\r\n', CLOSED] as const;
const QUIT = ['QUIT\r\n', CLOSED] as const;
const PLAIN = saslPlain('user', 'pass');
const TLS = { tls: true } as const;
const ON = { conf: 'starttls on;' };
const ONLY = { conf: 'starttls only;' };

const startTls: readonly Case[] = [
  imap(
    'tls: capabilities with starttls on',
    ['a CAPABILITY\r\n', 'b STARTTLS\r\n', TLS, 'c CAPABILITY\r\n', ...OUT],
    ON,
  ),
  imap(
    'tls: capabilities with starttls only',
    ['a CAPABILITY\r\n', 'b STARTTLS\r\n', TLS, 'c CAPABILITY\r\n', ...OUT],
    ONLY,
  ),
  imap('tls: STARTTLS where it is off', ['a STARTTLS\r\n', ...OUT]),
  imap('tls: STARTTLS twice', ['a STARTTLS\r\n', TLS, 'b STARTTLS\r\n', ...OUT], ON),
  imap('tls: STARTTLS with arguments', ['a starttls x y\r\n', TLS, 'b NOOP\r\n', ...OUT], ON),
  imap(
    'tls: no login in clear',
    ['a LOGIN u p\r\n', `b AUTHENTICATE PLAIN ${PLAIN}\r\n`, 'c AUTHENTICATE LOGIN\r\n', ...OUT],
    ONLY,
  ),
  imap('tls: error count survives STARTTLS', ['a X\r\n', 'b STARTTLS\r\n', TLS, 'c X\r\n', CLOSED], {
    conf: 'starttls on; max_errors 2;',
  }),
  imap(
    'tls: bytes behind STARTTLS are dropped',
    [{ send: 'a STARTTLS\r\nb NOOP\r\nc X\r\n', replies: 1, whole: true }, TLS, 'd NOOP\r\n', ...OUT],
    ON,
  ),
  pop3(
    'tls: bytes behind STLS are dropped',
    [{ send: 'STLS\r\nNOOP\r\nUSER x\r\n', replies: 1, whole: true }, TLS, 'NOOP\r\n', ...QUIT],
    ON,
  ),
  smtp(
    'tls: bytes behind STARTTLS are dropped',
    [{ send: 'STARTTLS\r\nEHLO x\r\n', replies: 1, whole: true }, TLS, 'NOOP\r\n', ...QUIT],
    ON,
  ),
  imap('tls: login after STARTTLS', ['a STARTTLS\r\n', TLS, 'b LOGIN u p\r\n', ...OUT], ONLY),
  pop3('tls: login after STLS', ['STLS\r\n', TLS, 'USER u\r\n', 'PASS p\r\n', ...QUIT], ONLY),
  smtp('tls: login after STARTTLS', ['EHLO a\r\n', 'STARTTLS\r\n', TLS, `AUTH PLAIN ${PLAIN}\r\n`, ...QUIT], ONLY),
  smtp(
    'tls: login after STARTTLS and EHLO',
    ['EHLO a\r\n', 'STARTTLS\r\n', TLS, 'EHLO b\r\n', `AUTH PLAIN ${PLAIN}\r\n`, ...QUIT],
    ONLY,
  ),
  pop3('tls: USER before STLS is forgotten', ['STLS\r\n', TLS, 'PASS p\r\n', ...QUIT], ON),
  imap('tls: client leaves instead of the handshake', ['a STARTTLS\r\n'], ON),
  pop3('tls: STLS', ['STLS\r\n', TLS, 'CAPA\r\n', 'NOOP\r\n', ...QUIT], ON),
  pop3('tls: STLS where it is off', ['STLS\r\n', 'CAPA\r\n', ...QUIT]),
  pop3(
    'tls: no login in clear',
    ['USER u\r\n', 'APOP u x\r\n', 'AUTH\r\n', `AUTH PLAIN ${PLAIN}\r\n`, 'PASS x\r\n', 'NOOP\r\n', ...QUIT],
    {
      conf: 'starttls only; pop3_auth plain apop;',
    },
  ),
  pop3('tls: STLS twice', ['STLS\r\n', TLS, 'STLS\r\n', 'AUTH\r\n', ...QUIT], ONLY),
  smtp('tls: STARTTLS', ['EHLO a\r\n', 'STARTTLS\r\n', TLS, 'EHLO b\r\n', ...QUIT], ON),
  smtp('tls: STARTTLS without EHLO and with arguments', ['STARTTLS now\r\n', TLS, 'EHLO b\r\n', ...QUIT], ON),
  smtp('tls: STARTTLS where it is off', ['STARTTLS\r\n', ...QUIT]),
  smtp('tls: STARTTLS twice', ['STARTTLS\r\n', TLS, 'STARTTLS\r\n', ...QUIT], ON),
  smtp(
    'tls: no login in clear',
    ['EHLO x\r\n', `AUTH PLAIN ${PLAIN}\r\n`, 'AUTH LOGIN\r\n', 'AUTH\r\n', ...QUIT],
    ONLY,
  ),
  smtp(
    'tls: MAIL is forgotten by STARTTLS',
    ['EHLO x\r\n', 'MAIL FROM:<a>\r\n', 'STARTTLS\r\n', TLS, 'RCPT TO:<b>\r\n', ...QUIT],
    {
      conf: 'starttls on; smtp_auth none;',
    },
  ),
];

const implicit: readonly Case[] = [
  imap('tls: implicit', ['a CAPABILITY\r\n', 'b STARTTLS\r\n', ...OUT], {
    listen: 'ssl',
    tls: true,
    conf: 'starttls only;',
  }),
  pop3('tls: implicit', ['CAPA\r\n', 'STLS\r\n', ...QUIT], { listen: 'ssl', tls: true, conf: 'starttls only;' }),
  smtp('tls: implicit', ['EHLO x\r\n', 'STARTTLS\r\n', ...QUIT], { listen: 'ssl', tls: true, conf: 'starttls only;' }),
  imap('tls: login on an implicit listener', ['b LOGIN u p\r\n', 'c X\r\n', ...OUT], { listen: 'ssl', tls: true }),
  imap('tls: login by TLS 1.3', ['b LOGIN u p\r\n', ...OUT], {
    listen: 'ssl',
    tls: true,
    conf: 'ssl_protocols TLSv1.3;',
  }),
  imap('tls: the client leaves instead of the handshake', [{ end: 'close' }, CLOSED], {
    listen: 'ssl',
    greeting: false,
  }),
];

const V2 = '\r\n\r\n\0\r\nQUIT\n';
const ADDRESSES = '\x0a\x00\x00\x01\x0a\x00\x00\x02\x30\x39\x00\x8f';

/** A listener that expects a PROXY header; the client's first command waits for the greeting. */
function behindProxy(name: string, header: string, good: boolean, conf = ''): Case {
  const login = good ? (['a LOGIN u p\r\n', ...OUT] as const) : ([CLOSED] as const);
  return imap(`proxy in: ${name}`, [{ send: header, replies: good ? 1 : 0, whole: true }, ...login], {
    listen: 'proxy_protocol',
    greeting: false,
    conf,
  });
}

const REAL = 'set_real_ip_from 127.0.0.0/8;';

const proxyIn: readonly Case[] = [
  behindProxy('TCP4', 'PROXY TCP4 1.2.3.4 5.6.7.8 111 222\r\n', true),
  behindProxy('TCP4 trusted', 'PROXY TCP4 1.2.3.4 5.6.7.8 111 222\r\n', true, REAL),
  behindProxy(
    'TCP4 from another network',
    'PROXY TCP4 1.2.3.4 5.6.7.8 111 222\r\n',
    true,
    'set_real_ip_from 10.0.0.0/8;',
  ),
  behindProxy('TCP6', 'PROXY TCP6 2001:DB8::1 ::1 1 2\r\n', true, REAL),
  behindProxy('TCP4 with an IPv6 address', 'PROXY TCP4 2001:db8::1 ::1 1 2\r\n', true, REAL),
  behindProxy('an address that is none', 'PROXY TCP4 9 5.6.7.8 111 222\r\n', true, REAL),
  behindProxy('UNKNOWN', 'PROXY UNKNOWN\r\n', true, REAL),
  behindProxy('UNKNOWN with addresses', 'PROXY UNKNOWN 1.2.3.4 5.6.7.8 1 2\r\n', true, REAL),
  behindProxy('ports 0 and 65535', 'PROXY TCP4 1.2.3.4 5.6.7.8 0 65535\r\n', true),
  behindProxy('port 65536', 'PROXY TCP4 1.2.3.4 5.6.7.8 65536 1\r\n', false),
  // We do not log what may be a command with a password in it.
  { ...behindProxy('in lower case', 'proxy TCP4 1.2.3.4 5.6.7.8 1 2\r\n', false), log: false },
  behindProxy('two spaces', 'PROXY  TCP4 1.2.3.4 5.6.7.8 1 2\r\n', false),
  behindProxy('bare LF', 'PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n', false),
  behindProxy('a port missing', 'PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n', false),
  behindProxy('another family', 'PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n', false),
  behindProxy('a bad character in an address', 'PROXY TCP4 1.2.3.x 5.6.7.8 1 2\r\n', false),
  behindProxy('no header but a command', 'a NOOP this is no header\r\n', false),
  behindProxy('too short', 'PROXY\r\n', false),
  behindProxy('v2 TCP4', `${V2}\x21\x11\0\x0c${ADDRESSES}`, true, REAL),
  behindProxy('v2 TCP4 untrusted', `${V2}\x21\x11\0\x0c${ADDRESSES}`, true),
  behindProxy('v2 TCP4 with a TLV', `${V2}\x21\x11\0\x10${ADDRESSES}\x04\0\x01x`, true),
  behindProxy(
    'v2 TCP6',
    `${V2}\x21\x21\0\x24${'\x20\x01\x0d\xb8'}${'\0'.repeat(11)}\x01${'\0'.repeat(15)}\x01\0\x01\0\x02`,
    true,
    REAL,
  ),
  behindProxy('v2 LOCAL', `${V2}\x20\0\0\0`, true, REAL),
  behindProxy('v2 UDP', `${V2}\x21\x12\0\x0c${ADDRESSES}`, true, REAL),
  behindProxy('v2 unix', `${V2}\x21\x31\0\x0c${ADDRESSES}`, true, REAL),
  behindProxy('v2 of version 1', `${V2}\x11\x11\0\x0c${ADDRESSES}`, false),
  behindProxy('v2 with a length beyond its bytes', `${V2}\x21\x11\0\x0d${ADDRESSES}`, false),
  behindProxy('v2 with too short an address', `${V2}\x21\x11\0\x08${ADDRESSES.slice(0, 8)}`, false),
  imap('proxy in: the client leaves', [{ end: 'close' }, CLOSED], { listen: 'proxy_protocol', greeting: false }),
  imap('proxy in: silence', [CLOSED], { listen: 'proxy_protocol', greeting: false, conf: 'timeout 300ms;' }),
  smtp(
    'proxy in: XCLIENT has the real address',
    [{ send: 'PROXY TCP6 2001:db8::7 ::1 1 2\r\n', replies: 1, whole: true }, `AUTH PLAIN ${PLAIN}\r\n`, ...QUIT],
    {
      listen: 'proxy_protocol',
      greeting: false,
      conf: REAL,
    },
  ),
];

const imapTexts = ['* OK\r\n', '+ OK\r\n', '+ OK\r\n', '$TAG OK\r\n'].map((t, i) => (i === 0 ? '* OK hi\r\n' : t));

const proxyOut: readonly Case[] = [
  imap('proxy out: v1', ['a LOGIN u p\r\n', ...OUT], {
    conf: 'proxy_protocol on;',
    backend: { texts: imapTexts, proxyLine: true },
  }),
  imap(
    'proxy out: v1 with a replaced address',
    [{ send: 'PROXY TCP4 1.2.3.4 5.6.7.8 111 222\r\n', replies: 1, whole: true }, 'a LOGIN u p\r\n', ...OUT],
    {
      listen: 'proxy_protocol',
      greeting: false,
      conf: `proxy_protocol on; ${REAL}`,
      backend: { texts: imapTexts, proxyLine: true },
    },
  ),
  imap(
    'proxy out: v1 with an IPv6 client',
    [{ send: 'PROXY TCP6 2001:db8::1 ::1 111 222\r\n', replies: 1, whole: true }, 'a LOGIN u p\r\n', ...OUT],
    {
      listen: 'proxy_protocol',
      greeting: false,
      conf: `proxy_protocol on; ${REAL}`,
      backend: { texts: imapTexts, proxyLine: true },
    },
  ),
];

const ALL = 'imap_auth external login plain cram-md5;';

const capabilities: readonly Case[] = [
  imap('capabilities: all methods', ['a CAPABILITY\r\n', ...OUT], { conf: ALL }),
  imap('capabilities: all methods, starttls on', ['a CAPABILITY\r\n', ...OUT], { conf: `${ALL} starttls on;` }),
  imap('capabilities: all methods, starttls only', ['a CAPABILITY\r\n', ...OUT], { conf: `${ALL} starttls only;` }),
  imap('capabilities: configured twice', ['a CAPABILITY\r\n', ...OUT], {
    conf: 'imap_capabilities IMAP4rev1 IDLE; imap_capabilities "X Y" IDLE;',
  }),
  imap('capabilities: login alone', ['a CAPABILITY\r\n', ...OUT], { conf: 'imap_auth login;' }),
];

export const listenerCases: readonly Case[] = [...startTls, ...implicit, ...proxyIn, ...proxyOut, ...capabilities];
