// The auth request: its lines, their order, and that nothing in it can make a line of its own.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { authRequest, type RequestParts } from '../../../../src/mail/auth-http/request.ts';
import type { ProtocolSession } from '../../../../src/mail/protocol.ts';
import type { MailServer } from '../../../../src/mail/server.ts';
import type { Session, SessionSetup } from '../../../../src/mail/session/session.ts';
import { LineBuffer } from '../../../../src/net/line-buffer.ts';
import type { TlsInfo } from '../../../../src/net/tls/established.ts';
import { ROOT } from '../../../support/target.ts';
import { authServerOf, bytes, serverFrom, stage } from '../doubles.ts';

const AUTH = 'auth_http http://127.0.0.1:9/a?b; auth_http_header X-A "1 2"; auth_http_header X-B 2;';
const IMAP = serverFrom(`${AUTH} server { listen 127.0.0.1:143; }`);
const SMTP = serverFrom(`${AUTH} smtp_auth plain none; server { listen 127.0.0.1:25; }`);
const CERTIFICATE = new X509Certificate(readFileSync(join(ROOT, 'test/support/certs/client.pem'))).raw;

const TLS: TlsInfo = {
  protocol: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  servername: undefined,
  alpn: undefined,
  resumed: false,
  verify: { code: 0, text: 'ok' },
  peerCertificate: CERTIFICATE,
  hello: undefined,
  sessionId: () => undefined,
  ownCertificate: () => undefined,
  forgetSession: () => {},
};

interface Asked {
  readonly server?: MailServer;
  readonly parts?: Partial<RequestParts>;
  readonly setup?: Partial<SessionSetup>;
  readonly prepare?: (session: Session, state: ProtocolSession) => void;
}

function ask({ server = IMAP, parts = {}, setup = {}, prepare = () => {} }: Asked): string {
  const { session } = stage({ store: server.store, ...setup });
  const { protocol } = server.core;
  const state = protocol.open(session);
  session.attempt = 1;
  prepare(session, state);
  return authRequest({ ...authServerOf(server).parts, ...parts }, protocol, session, state).toString('latin1');
}

const login = (session: Session): void => session.use('plain', bytes('joe'), bytes('secret'));

/** Commands of the client, one a string. */
function says(state: ProtocolSession, ...lines: readonly string[]): void {
  const buffer = new LineBuffer(1000);
  for (const line of lines) {
    buffer.fill(bytes(`${line}\r\n`));
    state.parse(buffer);
    state.execute(buffer);
  }
}

const names = (request: string): string[] =>
  request
    .split('\r\n')
    .slice(1, -2)
    .map((line) => line.split(': ', 1)[0] ?? '');

test('a plain request', () => {
  assert.equal(
    ask({ prepare: login }),
    'GET /a?b HTTP/1.0\r\nHost: 127.0.0.1\r\nAuth-Method: plain\r\nAuth-User: joe\r\nAuth-Pass: secret\r\n' +
      'Auth-Protocol: imap\r\nAuth-Login-Attempt: 1\r\nClient-IP: 192.0.2.1\r\nX-A: 1 2\r\nX-B: 2\r\n\r\n',
  );
});

test('the Host header has the name of the URL, never its port', () => {
  const host = (url: string): string => {
    const server = serverFrom(`auth_http ${url}; server { listen 127.0.0.1:143; }`);
    return ask({ server, prepare: login }).split('\r\n').slice(0, 2).join(' | ');
  };
  assert.equal(host('127.0.0.1'), 'GET / HTTP/1.0 | Host: 127.0.0.1');
  assert.equal(host('http://127.0.0.1:81?x=1'), 'GET ?x=1 HTTP/1.0 | Host: 127.0.0.1');
  assert.equal(host('[::1]:81/x'), 'GET /x HTTP/1.0 | Host: [::1]');
  assert.equal(host('unix:/run/auth'), 'GET / HTTP/1.0 | Host: localhost');
  assert.equal(host('unix:/run/auth:/x'), 'GET /x HTTP/1.0 | Host: localhost');
});

test('every line that there can be, in its order', () => {
  const request = ask({
    server: SMTP,
    parts: { verifiesClient: true, passClientCert: true },
    prepare: (session, state) => {
      session.tls = TLS;
      session.proxyHeader = { source: '192.0.2.7', sourcePort: 1, destination: '192.0.2.8', destinationPort: 2 };
      says(state, 'EHLO c', 'MAIL FROM:<a>', 'RCPT TO:<b>');
    },
  });
  assert.deepEqual(names(request), [
    'Host',
    'Auth-Method',
    'Auth-User',
    'Auth-Pass',
    'Auth-Protocol',
    'Auth-Login-Attempt',
    'Client-IP',
    'Client-Host',
    'Proxy-Protocol-Addr',
    'Proxy-Protocol-Port',
    'Proxy-Protocol-Server-Addr',
    'Proxy-Protocol-Server-Port',
    'Auth-SMTP-Helo',
    'Auth-SMTP-From',
    'Auth-SMTP-To',
    'Auth-SSL',
    'Auth-SSL-Protocol',
    'Auth-SSL-Cipher',
    'Auth-SSL-Verify',
    'Auth-SSL-Subject',
    'Auth-SSL-Issuer',
    'Auth-SSL-Serial',
    'Auth-SSL-Fingerprint',
    'Auth-SSL-Cert',
    'X-A',
    'X-B',
  ]);
  assert.ok(request.includes('Auth-SMTP-Helo: c\r\nAuth-SMTP-From: MAIL FROM:<a>\r\nAuth-SMTP-To: RCPT TO:<b>\r\n'));
  assert.match(
    request,
    /Auth-SSL-Cert: -----BEGIN%20CERTIFICATE-----%0A[A-Za-z0-9+/=%]+-----END%20CERTIFICATE-----%0A\r\n/,
  );
});

test('the envelope is sent for method none only, with an empty HELO where there was none', () => {
  const none = ask({ server: SMTP, prepare: (_, state) => says(state, 'MAIL FROM:<a>', 'RCPT TO:<b>') });
  assert.match(none, /Auth-Method: none\r\nAuth-User: \r\nAuth-Pass: \r\n/);
  assert.match(none, /Auth-SMTP-Helo: \r\nAuth-SMTP-From: MAIL FROM:<a>\r\n/);
  const plain = ask({
    server: SMTP,
    prepare: (session, state) => {
      says(state, 'EHLO c', 'MAIL FROM:<a>');
      login(session);
    },
  });
  assert.doesNotMatch(plain, /Auth-SMTP/);
  assert.match(plain, /Client-IP: 192\.0\.2\.1\r\nClient-Host: \[UNAVAILABLE\]\r\nX-A/);
});

test('a challenge mechanism sends its salt, the others none', () => {
  const prepare = (session: Session): void => session.use('cram-md5', bytes('joe'), bytes('0123'), bytes('<1.2@x>'));
  assert.match(
    ask({ prepare }),
    /Auth-Method: cram-md5\r\nAuth-User: joe\r\nAuth-Pass: 0123\r\nAuth-Salt: <1\.2@x>\r\nAuth-Pro/,
  );
  assert.doesNotMatch(ask({ prepare: login }), /Auth-Salt/);
});

test('EXTERNAL has no password', () => {
  assert.match(ask({ prepare: (session) => session.use('external', bytes('joe'), undefined) }), /Auth-Pass: \r\n/);
});

test('clients: IPv6 without brackets, unix sockets by name', () => {
  const setup = { client: { address: '2001:db8::1', port: 1 } };
  assert.match(ask({ setup, prepare: login }), /Client-IP: 2001:db8::1\r\n/);
  assert.match(ask({ setup: { client: undefined }, prepare: login }), /Client-IP: unix:\r\n/);
});

test('what is told of TLS and of the client certificate', () => {
  const lines = (tls: Partial<TlsInfo>, parts: Partial<RequestParts>): string[] =>
    ask({
      parts,
      prepare: (session) => {
        session.tls = { ...TLS, ...tls };
      },
    })
      .split('\r\n')
      .filter((line) => line.startsWith('Auth-SSL'))
      .map((line) => line.slice('Auth-SSL'.length));
  const verified = { verifiesClient: true };
  const first = [': on', '-Protocol: TLSv1.3', '-Cipher: TLS_AES_256_GCM_SHA384'];
  assert.deepEqual(lines({}, {}), first, 'ssl_verify_client off');
  assert.deepEqual(lines({ peerCertificate: undefined }, verified), [...first, '-Verify: NONE']);
  assert.equal(lines({}, verified)[3], '-Verify: SUCCESS');
  const verify = { code: 18, text: 'self-signed certificate' };
  assert.equal(lines({ verify }, verified)[3], '-Verify: FAILED:self-signed certificate');
  assert.equal(lines({}, verified).length, 8, 'no Auth-SSL-Cert unless it is asked for');
});

test('no user, password, HELO name or recipient can add a line', () => {
  const count = (user: string, pass: string): number =>
    ask({ prepare: (session) => session.use('plain', bytes(user), bytes(pass)) }).split(/\r|\n/).length;
  const latin1 = fc.uint8Array({ maxLength: 40 }).map((data) => Buffer.from(data).toString('latin1'));
  const normal = count('joe', 'secret');
  fc.assert(fc.property(latin1, latin1, (user, pass) => count(user, pass) === normal));
  const envelope = (name: string): string =>
    ask({ server: SMTP, prepare: (_, state) => says(state, `EHLO ${name}`, `MAIL ${name}`, `RCPT ${name}`) });
  assert.equal(envelope('a\x0b\x7fb').split('\r\n').length, envelope('a').split('\r\n').length);
  assert.match(envelope('a\x0b\x7fb'), /Auth-SMTP-To: RCPT a%0B%7Fb\r\n/);
});
