// Variables of the mail block on the wire: in auth_http_header, map, geo, split_clients and set; and allow and deny.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { saslPlain } from '../support/bytes.ts';
import { serverCertificate } from '../support/certificate.ts';
import { Cleanup } from '../support/cleanup.ts';
import { type AuthRequest, type FakeAuth, refuse, response, startAuth } from '../support/fake-auth.ts';
import { type MailServer, startServer } from '../support/server.ts';
import type { Wire } from '../support/wire.ts';

const { cert, key } = serverCertificate;
const UNKNOWN = '$' + '{nope} $nope $ a';
const HEADERS = {
  plain: 'X-Plain "no variable"',
  address: 'X-Address "$remote_addr $remote_port $server_addr $server_port $realip_remote_addr"',
  proxied: 'X-Proxied "$proxy_protocol_addr $proxy_protocol_port|$proxy_protocol_tlv_authority"',
  login: 'X-Login "$mail_user|$mail_auth_user|$mail_auth_method|$mail_auth_status|$mail_login_attempts"',
  session: 'X-Session "$mail_session_id $connection $status"',
  tls: 'X-Tls "$mail_protocol $ssl_protocol$at_start"',
  smtp: 'X-Smtp "$mail_helo|$mail_from|$mail_rcpt"',
  made: 'X-Made "$domain $near $lot $fixed"',
  reply: 'X-Reply "$auth_http_x_note|$auth_http_auth_server|$auth_http_x_absent"',
  literal: `X-Literal "${UNKNOWN}"`,
};

const CONFIG = (auth: string): string => `mail {
  auth_http ${auth};
  ${Object.values(HEADERS)
    .map((header) => `auth_http_header ${header};`)
    .join('\n')}
  ssl_certificate ${cert}; ssl_certificate_key ${key};
  map $mail_user $domain { volatile; default none; "~^[^@]+@(?<part>.+)$" $part; }
  geo $near { default far; 192.0.2.0/24 near; }
  split_clients $mail_user $lot { 50% A; 50% B; }
  set $fixed "$mail_protocol-$remote_addr";
  set $at_start $ssl_protocol;
  set_real_ip_from 127.0.0.0/8;
  server { listen @imap@ proxy_protocol; protocol imap; }
  server { listen @pop3@; protocol pop3; starttls on; set $fixed "$fixed!"; }
  server { listen @smtp@; protocol smtp; smtp_auth none; }
  server { listen @deny@; protocol imap; deny 127.0.0.0/8; }
  server { listen @allow@; protocol imap; allow 127.0.0.0/8; deny all; }
  server { listen @behind@ proxy_protocol; protocol imap; deny 192.0.2.9; }
  server { listen @tls@ ssl; protocol imap; deny all; }
}`;

const cleanup = new Cleanup();
let server: MailServer;
let auth: FakeAuth;

before(async () => {
  auth = await startAuth(cleanup, () => refuse('no', 'Auth-Wait: 1'));
  server = await startServer(cleanup, { config: CONFIG(auth.url) });
});
after(() => cleanup.run());

async function connect(name: string): Promise<Wire> {
  const wire = await server.connect(name);
  cleanup.after(() => wire.destroy());
  return wire;
}

/** Says something that makes a question, and waits for that. */
async function asked(wire: Wire, said: string): Promise<AuthRequest> {
  const index = auth.requests.length;
  await wire.send(said);
  return auth.request(index);
}

test('the client, its address before and behind the PROXY header, and what the block makes of it', async () => {
  const wire = await connect('imap');
  await wire.send('PROXY TCP4 192.0.2.7 198.51.100.1 40001 143\r\n');
  const request = await asked(wire, 'a LOGIN anna@example.com x\r\n');
  const { host, port } = server.at('imap');
  assert.equal(request.header('X-Plain'), 'no variable');
  assert.match(request.header('X-Address') ?? '', new RegExp(`^192\\.0\\.2\\.7 40001 ${host} ${port} 127\\.`));
  assert.equal(request.header('X-Proxied'), '192.0.2.7 40001|');
  assert.equal(request.header('X-Login'), 'anna@example.com|anna@example.com|plain||1');
  assert.match(request.header('X-Session') ?? '', /^[0-9a-f]{32} \d+ 000$/);
  assert.match(request.header('X-Made') ?? '', /^example\.com near [AB] imap-192\.0\.2\.7$/);
  assert.equal(request.header('X-Literal'), UNKNOWN);
});

test('an attempt has values of its own; what set has given stays', async () => {
  const wire = await connect('pop3');
  const first = await asked(wire, `AUTH PLAIN ${saslPlain('a@one.example', 'x')}\r\n`);
  await wire.expectBytes('+OK POP3 ready\r\n-ERR no\r\n');
  auth.script = () => refuse('never', 'Auth-User: b@three.example', 'Auth-Wait: 1');
  const second = await asked(wire, `AUTH PLAIN ${saslPlain('b@two.example', 'x')}\r\n`);
  await wire.expectBytes('-ERR never\r\n');
  auth.script = () => refuse('no', 'Auth-Wait: 1');
  const third = await asked(wire, `USER c\r\nPASS x\r\n`);
  const logins = [first, second, third].map((request) => request.header('X-Login'));
  assert.deepEqual(logins, [
    'a@one.example|a@one.example|plain||1',
    'b@two.example|b@two.example|plain|no|2',
    'c|c|plain|never|3',
  ]);
  const made = [first, second, third].map((request) => request.header('X-Made')?.split(' '));
  assert.deepEqual(
    made.map((words) => words?.[0]),
    ['one.example', 'two.example', 'none'],
  );
  for (const words of made) assert.match(words?.[3] ?? '', /^pop3-127\..*!$/);
  assert.equal(new Set([first, second, third].map((request) => request.header('X-Session'))).size, 1);
});

test('the same user is in the same lot, and users are in both', async () => {
  const wire = await connect('pop3');
  const lots = new Map<string, string | undefined>();
  for (const name of ['ucvnQoaN', 'axfy4c5c', 'cdaguAJn', 'rbijpvSb', 'ucvnQoaN']) {
    const request = await asked(wire, `AUTH PLAIN ${saslPlain(name, 'x')}\r\n`);
    const lot = request.header('X-Made')?.split(' ')[2];
    assert.equal(lots.get(name) ?? lot, lot);
    lots.set(name, lot);
    await wire.match(/-ERR no\r\n$/);
  }
  assert.deepEqual([...lots.values()], ['A', 'B', 'A', 'B']);
});

test('headers of an answer that asks to be asked again, but never its password', async () => {
  const wire = await connect('pop3');
  const index = auth.requests.length;
  auth.script = (_request, i) =>
    i === index
      ? response('Auth-Status: WAIT', 'Auth-Wait: 1', 'X-Note: first', 'x-note: \xe9 last', 'Auth-Server: 10.0.0.1')
      : refuse('no', 'Auth-Wait: 1');
  const first = await asked(wire, `AUTH PLAIN ${saslPlain('u', 'x')}\r\n`);
  const second = await auth.request(index + 1);
  auth.script = () => refuse('no', 'Auth-Wait: 1');
  assert.equal(first.header('X-Reply'), '||');
  assert.equal(second.header('X-Reply'), '\xe9 last|10.0.0.1|');
  assert.equal(second.header('X-Login'), 'u|u|plain|WAIT|1');
});

test('what a client says cannot end the line', async () => {
  const wire = await connect('pop3');
  const request = await asked(wire, `AUTH PLAIN ${saslPlain('u\r\nX-Evil: 1\0', 'x')}\r\n`);
  assert.doesNotMatch(request.raw.toString('latin1'), /^X-Evil/m);
  await wire.match(/-ERR/);
  const next = await asked(wire, `AUTH PLAIN ${saslPlain('u\r\nX-Evil: 1', 'x')}\r\n`);
  assert.equal(next.header('X-Login')?.split('|')[0], 'u%0D%0AX-Evil: 1');
  assert.doesNotMatch(next.raw.toString('latin1'), /^X-Evil/m);
});

test('TLS is known once it is there; set has looked before', async () => {
  const wire = await connect('pop3');
  await wire.send('STLS\r\n');
  await wire.match(/\+OK\r\n$/);
  await wire.startTls();
  const request = await asked(wire, `AUTH PLAIN ${saslPlain('u', 'x')}\r\n`);
  assert.equal(request.header('X-Tls'), 'pop3 TLSv1.3');
});

test('what an SMTP client has said', async () => {
  const wire = await connect('smtp');
  await wire.match(/^220 .*\r\n/);
  const said = 'EHLO mx.example\r\nMAIL FROM:<a@example.com> SIZE=1\r\nRCPT TO: <b@example.net>\r\n';
  const request = await asked(wire, said);
  assert.equal(request.header('X-Smtp'), 'mx.example|a@example.com|b@example.net');
  assert.equal(request.header('X-Login'), '||none||1');
});

for (const [name, place] of [
  ['deny', 'one in clear'],
  ['tls', 'one with TLS, before the handshake'],
] as const) {
  test(`a client that may not come in hears nothing from a server: ${place}`, async () => {
    const wire = await connect(name);
    await wire.closed();
    assert.equal(wire.received.length, 0);
    const { port } = server.at(name);
    const record = 'access forbidden by rule while initializing session, client: 127[\\d.]+, server';
    await server.waitLog(new RegExp(`\\[error\\] .*\\*\\d+ ${record}: [\\d.]+:${port}\\n`));
  });
}

test('the address that a trusted PROXY header names counts', async () => {
  const forms = [
    'TCP4 192.0.2.9 198.51.100.1',
    'TCP6 ::ffff:192.0.2.9 ::ffff:198.51.100.1',
    'TCP6 0:0:0:0:0:FFFF:c000:0209 2001:db8::1',
  ];
  for (const form of forms) {
    const denied = await connect('behind');
    await denied.send(`PROXY ${form} 40001 143\r\na NOOP\r\n`);
    await denied.closed();
    assert.equal(denied.received.length, 0, form);
  }
  const allowed = await connect('behind');
  await allowed.send('PROXY TCP4 192.0.2.8 198.51.100.1 40001 143\r\n');
  await allowed.expectBytes('* OK IMAP4 ready\r\n');
  await (await connect('allow')).expectBytes('* OK IMAP4 ready\r\n');
});
