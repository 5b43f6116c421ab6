// What an auth reply means. The order of the checks shows in which fault is named first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAddress } from '../../../../src/core/address.ts';
import type { AuthReply } from '../../../../src/mail/auth-http/reply.ts';
import { judge, type Verdict } from '../../../../src/mail/auth-http/verdict.ts';
import type { BackendPlace } from '../../../../src/mail/backend/place.ts';
import type { MailProtocol } from '../../../../src/mail/protocol.ts';
import type { BackendAuth } from '../../../../src/mail/session/backend-auth.ts';
import type { AuthMethod } from '../../../../src/mail/session/credentials.ts';
import { bytes, isZero, type Stage, serverFrom, stage } from '../doubles.ts';

type Said = { readonly [Name in keyof AuthReply]?: string | number | boolean };

const SERVERS = {
  imap: serverFrom('auth_http 127.0.0.1:9; server { listen 127.0.0.1:143; }'),
  pop3: serverFrom('auth_http 127.0.0.1:9; server { listen 127.0.0.1:110; }'),
  smtp: serverFrom('auth_http 127.0.0.1:9; server { listen 127.0.0.1:25; }'),
};

function reply(said: Said): AuthReply {
  const value = (text: unknown): Buffer | undefined => (typeof text === 'string' ? bytes(text) : undefined);
  return {
    ok: said.ok === true,
    failure: value(said.failure),
    wait: said.wait === true,
    server: value(said.server),
    port: value(said.port),
    user: value(said.user),
    pass: value(said.pass),
    method: value(said.method),
    waitS: typeof said.waitS === 'number' ? said.waitS : 0,
    code: value(said.code),
    ssl: undefined,
    sslName: undefined,
    proxyVersion: undefined,
    source: undefined,
    saslError: value(said.saslError),
    kept: undefined,
  };
}

function judgeAs(name: MailProtocol['name'], said: Said, { session }: Stage, auth: BackendAuth = 'login'): Verdict {
  const { store, core, places } = SERVERS[name];
  return judge(reply(said), session, core.protocol.open(stage({ store }).session), auth, places);
}

/** The verdict on a session that holds a user and a password, or only a user. */
function verdict(said: Said, gave: 'password' | 'none' = 'password', name: MailProtocol['name'] = 'imap'): string {
  const on = stage();
  if (gave === 'none') on.session.use('external', bytes('joe'), undefined);
  else on.session.use('plain', bytes('joe'), bytes('secret'));
  const result = judgeAs(name, said, on);
  switch (result.kind) {
    case 'deny':
      return `deny ${result.text} ${result.waitS}${result.code === undefined ? '' : ` ${result.code}`}`;
    case 'again':
      return `again ${result.waitS}`;
    case 'pass':
      return `pass ${result.address} ${result.port} ${result.text}`;
    case 'choose':
      return placeText(result.place);
    case 'broken':
      return result.why;
    default:
      return result satisfies never;
  }
}

function placeText(place: BackendPlace): string {
  switch (place.kind) {
    case 'group':
      return `group ${place.group.name} ${place.port}`;
    case 'address':
      return `address ${formatAddress(place.address)}`;
    case 'name':
      return `name ${place.host} ${place.port}`;
    case 'nowhere':
      return place.why;
    default:
      return place satisfies never;
  }
}

const GOOD: Said = { server: '192.0.2.9', port: '143' };

test('a failure comes before everything else', () => {
  assert.equal(verdict({ failure: 'no', wait: true, waitS: 5, code: '454' }), 'deny no 5 454');
  assert.equal(verdict({ ...GOOD, failure: 'no' }), 'deny no 0');
});

test('a reason within SASL is for the refusals of OAuth', () => {
  const told = (method: 'plain' | 'xoauth2' | 'oauthbearer', said: Said): string | undefined => {
    const on = stage();
    on.session.use(method, bytes('joe'), bytes('secret'));
    const result = judgeAs('imap', said, on);
    return result.kind === 'deny' ? result.saslError?.toString() : result.kind;
  };
  assert.equal(told('xoauth2', { failure: 'no', saslError: 'e30=' }), 'e30=');
  assert.equal(told('oauthbearer', { failure: 'no', saslError: 'e30=' }), 'e30=');
  assert.equal(told('oauthbearer', { failure: 'no' }), undefined);
  assert.equal(told('plain', { failure: 'no', saslError: 'e30=' }), undefined);
  assert.equal(told('xoauth2', { ...GOOD, saslError: 'e30=' }), 'pass');
});

test('WAIT comes before what is missing', () => {
  assert.equal(verdict({ wait: true, waitS: 5 }), 'again 5');
  assert.equal(verdict({ ...GOOD, wait: true }), 'again 0');
});

test('a missing server or port comes before a missing password', () => {
  const missing = 'did not send server or port';
  assert.equal(verdict({}), missing);
  assert.equal(verdict({ server: '192.0.2.9' }, 'none'), missing);
  assert.equal(verdict({ port: '143' }, 'none'), missing);
  assert.equal(verdict({ server: '', port: '143' }), missing);
  assert.equal(verdict({ server: 'name', port: '' }), missing);
});

test('a missing password comes before an address that is none', () => {
  assert.equal(verdict({ server: 'name', port: 'x' }, 'none'), 'did not send password');
  assert.equal(verdict(GOOD, 'none', 'pop3'), 'did not send password');
});

test('an empty Auth-Pass is a password', () => {
  assert.equal(verdict({ ...GOOD, pass: '' }, 'none'), 'pass 192.0.2.9 143 192.0.2.9:143');
});

test('SMTP needs no password', () => {
  assert.equal(verdict(GOOD, 'none', 'smtp'), 'pass 192.0.2.9 143 192.0.2.9:143');
});

test('an address that is none comes before a port that is none', () => {
  assert.equal(verdict({ server: 'name', port: 'x' }), 'sent invalid server address:"name"');
  assert.equal(verdict({ ...GOOD, port: 'x' }), 'sent invalid server port:"x"');
});

test('names, brackets, ports and a socket without a path are no addresses', () => {
  const others = ['localhost', '[::1]', 'unix:', '1.2.3.4:5', '1.2.3', '1.2.3.4.5', '256.0.0.1', '255.255.255.255'];
  for (const server of [...others, '::1%lo', ':::', ' 1.2.3.4', '1.2.3.4\0']) {
    assert.equal(verdict({ server, port: '143' }), `sent invalid server address:"${server}"`);
  }
});

test('addresses of both families are taken in the forms that nginx takes, and shown as they came', () => {
  assert.equal(verdict({ server: '::1', port: '00143' }), 'pass ::1 143 ::1:00143');
  assert.equal(verdict({ server: '127.0.0.01', port: '1' }), 'pass 127.0.0.1 1 127.0.0.01:1');
  assert.equal(verdict({ server: '2001:DB8::1', port: '1' }), 'pass 2001:db8::1 1 2001:DB8::1:1');
});

test('a port is a decimal number from 1 to 65535', () => {
  assert.equal(verdict({ ...GOOD, port: '65535' }), 'pass 192.0.2.9 65535 192.0.2.9:65535');
  for (const port of ['0', '65536', '-1', '+1', '1 ', '0x10', '1e3', '99999999999999999999']) {
    assert.equal(verdict({ ...GOOD, port }), `sent invalid server port:"${port}"`);
  }
});

test('an empty status refuses IMAP and POP3 logins, and says nothing to SMTP', () => {
  assert.equal(verdict({ ...GOOD, failure: '' }, 'password', 'imap'), 'deny  0');
  assert.equal(verdict({ ...GOOD, failure: '' }, 'password', 'pop3'), 'deny  0');
  assert.equal(verdict({ ...GOOD, failure: '' }, 'password', 'smtp'), 'pass 192.0.2.9 143 192.0.2.9:143');
});

test('Auth-User and Auth-Pass take the place of what the client gave, in a refusal too', () => {
  for (const said of [GOOD, { failure: 'no' }, { wait: true }, {}]) {
    const on = stage();
    const pass = bytes('secret');
    on.session.use('plain', bytes('joe'), pass);
    judgeAs('imap', { ...said, user: 'jim', pass: 'other' }, on);
    assert.equal(on.session.login?.toString(), 'jim');
    assert.equal(on.session.credentials?.user.toString(), 'jim');
    assert.equal(on.session.credentials?.pass?.toString(), 'other');
    assert.ok(isZero(pass), 'the old password is overwritten');
  }
});

test('without Auth-User and Auth-Pass the client keeps what it gave', () => {
  const on = stage();
  on.session.use('plain', bytes('joe'), bytes('secret'));
  judgeAs('imap', GOOD, on);
  assert.equal(on.session.credentials?.user.toString(), 'joe');
  assert.equal(on.session.credentials?.pass?.toString(), 'secret');
});

/** The mechanism for the backend. */
function said(name: MailProtocol['name'], auth: BackendAuth, client: AuthMethod | 'login', method?: string): string {
  const on = stage();
  const needsSalt = client === 'apop' || client === 'cram-md5';
  const pass = client === 'external' || client === 'none' ? undefined : bytes('secret');
  on.session.use(
    client === 'login' ? 'plain' : client,
    bytes('joe'),
    pass,
    needsSalt ? bytes('<>') : undefined,
    client === 'login',
  );
  const result = judgeAs(name, method === undefined ? GOOD : { ...GOOD, method }, on, auth);
  if (result.kind === 'broken') return result.why;
  return result.kind === 'pass' ? result.mechanism : result.kind;
}

test('the configuration says how a login goes to the backend', () => {
  assert.equal(said('imap', 'login', 'plain'), 'login');
  assert.equal(said('imap', 'xoauth2', 'plain'), 'xoauth2');
  assert.equal(said('smtp', 'none', 'plain'), 'none');
  assert.equal(said('smtp', 'plain', 'login'), 'plain');
  assert.equal(said('smtp', 'plain', 'none'), 'none', 'mail without a login');
});

test('pass repeats what the client did, and sends a password where that was a digest', () => {
  for (const method of ['plain', 'login', 'xoauth2', 'oauthbearer'] as const) {
    for (const name of ['imap', 'pop3', 'smtp'] as const) assert.equal(said(name, 'pass', method), method);
  }
  assert.equal(said('imap', 'pass', 'external'), 'external', 'which needs no password');
  assert.equal(said('imap', 'login', 'external'), 'did not send password');
  assert.deepEqual(
    [said('imap', 'pass', 'cram-md5'), said('pop3', 'pass', 'apop'), said('smtp', 'pass', 'cram-md5')],
    ['login', 'login', 'plain'],
  );
  assert.equal(said('smtp', 'pass', 'none'), 'none');
});

test('Auth-Method comes before the configuration, in any case', () => {
  for (const word of ['plain', 'LOGIN', 'XOAuth2', 'OAUTHBEARER', 'External']) {
    assert.equal(said('imap', 'pass', 'plain', word), word.toLowerCase());
    assert.equal(said('smtp', 'none', 'none', word), word.toLowerCase());
  }
  assert.equal(said('smtp', 'plain', 'plain', 'none'), 'none');
  for (const name of ['imap', 'pop3'] as const) {
    assert.equal(said(name, 'login', 'plain', 'none'), 'sent invalid auth method:"none"', 'nobody is let in without');
  }
  for (const word of ['', 'pass', 'cram-md5', 'plain ', 'x'.repeat(500)]) {
    assert.equal(said('smtp', 'none', 'plain', word), `sent invalid auth method:"${word}"`);
  }
});

test('a missing server comes before an Auth-Method that is none, and that before a missing password', () => {
  assert.equal(verdict({ method: 'x' }), 'did not send server or port');
  assert.equal(verdict({ ...GOOD, method: 'x' }, 'none'), 'sent invalid auth method:"x"');
});

const UPSTREAM = 'auth_http 127.0.0.1:9; upstream Imap { server 127.0.0.1; }';
const BACKENDS = {
  upstream: serverFrom(`${UPSTREAM} server { listen 127.0.0.1:143; }`),
  passed: serverFrom(`${UPSTREAM} server { listen 127.0.0.1:143; proxy_pass imap; }`),
  address: serverFrom('auth_http 127.0.0.1:9; server { listen 127.0.0.1:110; proxy_pass unix:/run/pop3; }'),
};

function placed(name: keyof typeof BACKENDS, said: Said): string {
  const { store, core, places } = BACKENDS[name];
  const on = stage({ store });
  on.session.use('plain', bytes('joe'), bytes('secret'));
  const verdict = judge(reply(said), on.session, core.protocol.open(on.session), 'login', places);
  return verdict.kind === 'choose' ? placeText(verdict.place) : verdict.kind === 'broken' ? verdict.why : verdict.kind;
}

test('Auth-Server is an IP address, else an upstream, else a unix socket; a name needs a resolver', () => {
  assert.equal(placed('upstream', { server: '192.0.2.1', port: '143' }), 'pass');
  assert.equal(placed('upstream', { server: 'iMAP' }), 'group Imap 143', "the protocol's port");
  assert.equal(placed('upstream', { server: 'imap', port: '1143' }), 'group Imap 1143');
  assert.equal(placed('upstream', { server: 'unix:/run/imap' }), 'address unix:/run/imap');
  assert.equal(placed('upstream', { server: 'unix:' }), 'did not send server or port');
  assert.equal(placed('upstream', { server: 'imap.example.com', port: '143' }), invalid('imap.example.com'));
  assert.equal(placed('upstream', { server: 'imap', port: '70000' }), 'sent invalid server port:"70000"');
  assert.equal(placed('upstream', { server: '192.0.2.1' }), 'did not send server or port');
  assert.equal(placed('upstream', {}), 'did not send server or port');
});

const invalid = (server: string): string => `sent invalid server address:"${server}"`;

test('where Auth-Server is missing the backend is that of proxy_pass', () => {
  assert.equal(placed('passed', { ok: true }), 'group Imap 143');
  assert.equal(placed('passed', { ok: true, port: '1143' }), 'group Imap 1143');
  assert.equal(placed('passed', {}), 'did not send server or port', 'an error page lets nobody in');
  assert.equal(placed('passed', { server: '192.0.2.1', port: '143' }), 'pass');
  assert.equal(placed('address', { ok: true }), 'group unix:/run/pop3 110');
});

test('what variables come to is an upstream, a socket, an address or a name, and nothing else', () => {
  const { store, places } = serverFrom(`${UPSTREAM} server { listen 127.0.0.1:143; proxy_pass $mail_user; }`);
  const passed = (user: string): string => {
    const on = stage({ store, isRecorded: true });
    on.session.use('plain', bytes(user), bytes('secret'));
    const place = places.passed(on.session);
    return place === undefined ? 'none' : placeText(place);
  };
  assert.equal(passed('IMAP'), 'group Imap 143');
  assert.equal(passed('192.0.2.1'), 'address 192.0.2.1:143');
  assert.equal(passed('[::1]:1143'), 'address [::1]:1143');
  assert.equal(passed('unix:/run/imap'), 'address unix:/run/imap');
  assert.equal(passed('unix:/run/imap\0x'), 'invalid host in upstream "unix:/run/imap\0x"');
  assert.equal(passed('a b'), 'invalid host in upstream "a b"');
  assert.equal(passed('-a'), 'invalid host in upstream "-a"');
  assert.equal(passed('imap.example.org'), 'no resolver defined to resolve imap.example.org');
  assert.equal(passed('192.0.2.1:0'), 'invalid port in upstream "192.0.2.1:0"');
  assert.equal(passed(''), 'no host in upstream ""');
});
