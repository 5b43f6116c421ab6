// ssl_certificate with variables: each client gets the certificate of the name that it asks for, and no other file.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { saslPlain } from '../support/bytes.ts';
import { Cleanup } from '../support/cleanup.ts';
import { refuse, startAuth } from '../support/fake-auth.ts';
import { event, inTime } from '../support/in-time.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { CERTS } from '../support/tls.ts';

const file = (name: string): Buffer => readFileSync(join(CERTS, name));

const CONFIG = (auth: string): string => `mail {
  auth_http ${auth};
  auth_http_header X-Name "$ssl_server_name $ssl_protocol";
  ssl_certificate $ssl_server_name.pem;
  ssl_certificate_key $ssl_server_name.key;
  map $ssl_server_name $known { default data:nothing; "~^(?<kind>rsa|ec)$" "@DIR@/$kind"; }
  server { listen @plain@ ssl; protocol pop3; }
  server { listen @tickets@ ssl; protocol pop3; ssl_certificate @DIR@/$ssl_server_name.pem; ssl_certificate_key @DIR@/$ssl_server_name.key; }
  server { listen @kept@ ssl; protocol pop3; ssl_certificate_cache max=2 valid=1h; }
  server { listen @shared@ ssl; protocol pop3; ssl_session_tickets off; ssl_session_cache builtin shared:s:1m; }
  server { listen @mapped@ ssl; protocol pop3; ssl_certificate $known.pem; ssl_certificate_key $known.key; }
  server { listen @start@; protocol pop3; starttls on; }
}`;

const cleanup = new Cleanup();
let server: MailServer;

before(async () => {
  const auth = await startAuth(cleanup, (request) => refuse(request.header('X-Name') ?? '', 'Auth-Wait: 1'));
  server = await startServer(cleanup, {
    config: CONFIG(auth.url),
    files: {
      'rsa.pem': file('server-rsa.pem'),
      'rsa.key': file('server-rsa.key'),
      'ec.pem': file('server-ec.pem'),
      'ec.key': file('server-ec.key'),
      'mixed.pem': file('server-ec.pem'),
      'mixed.key': file('server-ec.pem'),
    },
  });
});
after(() => cleanup.run());

const at = (name: string): string => join(server.dir, name);

async function secure(listener: string, servername: string, more: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ ...server.at(listener), servername, rejectUnauthorized: false, ...more });
  cleanup.after(() => {
    socket.destroy();
  });
  await event(socket, 'secureConnect');
  return socket;
}

const [RSA, EC] = ['rsa', 'ec'].map((kind) => new X509Certificate(file(`server-${kind}.pem`)).raw);

function kindOf(socket: TLSSocket): string {
  const { raw } = socket.getPeerCertificate();
  if (RSA?.equals(raw)) return 'rsa';
  return EC?.equals(raw) ? 'ec' : 'another';
}

/** @returns the code of the failure */
async function refused(listener: string, servername: string | undefined): Promise<unknown> {
  const socket = connect({
    ...server.at(listener),
    ...(servername === undefined ? {} : { servername }),
    rejectUnauthorized: false,
  });
  const failure = new Promise<unknown>((resolve) => {
    socket.once('error', (error) => resolve('code' in error ? error.code : error));
    socket.once('secureConnect', () => resolve('secure'));
  });
  const code = await inTime(failure, 'the failure');
  socket.destroy();
  return code;
}

for (const listener of ['plain', 'tickets', 'kept', 'shared', 'mapped']) {
  test(`${listener}: the certificate of the name that a client asks for`, async () => {
    for (const name of ['rsa', 'ec', 'rsa']) assert.equal(kindOf(await secure(listener, name)), name);
    assert.notEqual(await refused(listener, 'nobody'), 'secure');
    assert.equal(kindOf(await secure(listener, 'ec', { maxVersion: 'TLSv1.2' })), 'ec');
  });
}

test('with STARTTLS too; what the handshake was asked for is known afterwards', async () => {
  const wire = await server.connect('start');
  cleanup.after(() => wire.destroy());
  await wire.expectBytes('+OK POP3 ready\r\n');
  await wire.send('STLS\r\n');
  await wire.expectBytes('+OK\r\n');
  assert.equal(kindOf(await wire.startTls({ servername: 'rsa' })), 'rsa');
  await wire.send(`AUTH PLAIN ${saslPlain('u', 'p')}\r\n`);
  await wire.expectBytes('-ERR rsa TLSv1.3\r\n');
});

test('why a client gets none is in the log', async () => {
  await refused('plain', 'nobody');
  await server.waitLog(
    /\[error\] .* cannot load certificate "[^"]*\/nobody\.pem": BIO_new_file\(\) failed \(SSL: .*\) while SSL handshaking, client: /,
  );
  await server.waitLog(
    /\[info\] .* SSL_do_handshake\(\) failed \(SSL: .*cert cb error\) while SSL handshaking, client: /,
  );
  await refused('plain', 'mixed');
  await server.waitLog(
    /\[error\] .* cannot load certificate key "[^"]*\/mixed\.key": PEM_read_bio_PrivateKey\(\) failed/,
  );
});

test('a name that is no host is none, and leads nowhere', async () => {
  for (const [listener, name] of [
    ['plain', 'sub/../rsa'],
    ['tickets', '../x/rsa'],
    ['tickets', '..'],
    ['plain', undefined],
  ] as const) {
    assert.notEqual(await refused(listener, name), 'secure', String(name));
  }
  assert.match(server.log.text(), /cannot load certificate "[^"]*\/\.pem"/);
  assert.doesNotMatch(server.log.text(), /cannot load certificate "[^"]*\.\./);
});

for (const [listener, maxVersion] of [
  ['plain', 'TLSv1.3'],
  ['plain', 'TLSv1.2'],
  ['shared', 'TLSv1.2'],
] as const) {
  test(`sessions are resumed with the same certificate: ${listener}, ${maxVersion}`, async () => {
    const first = await secure(listener, 'rsa', { maxVersion });
    const kept = new Promise<Buffer>((resolve) => first.once('session', resolve));
    first.resume();
    const session = maxVersion === 'TLSv1.3' ? await inTime(kept, 'a ticket') : first.getSession();
    assert.ok(session !== undefined);
    await secure(listener, 'ec');
    const again = await secure(listener, 'rsa', { maxVersion, session });
    assert.ok(again.isSessionReused());
    const other = await secure(listener, 'ec', { maxVersion, session });
    assert.ok(!other.isSessionReused());
  });
}

test('a file that is another one counts at once, unless it need not be looked at', async () => {
  for (const suffix of ['pem', 'key']) copyFileSync(at(`rsa.${suffix}`), at(`new.${suffix}`));
  for (const listener of ['plain', 'kept']) assert.equal(kindOf(await secure(listener, 'new')), 'rsa');
  for (const suffix of ['pem', 'key']) copyFileSync(at(`ec.${suffix}`), at(`new.${suffix}`));
  assert.equal(kindOf(await secure('plain', 'new')), 'ec');
  assert.equal(kindOf(await secure('kept', 'new')), 'rsa');
  for (const name of ['rsa', 'ec']) await secure('kept', name); // no more than two are kept
  assert.equal(kindOf(await secure('kept', 'new')), 'ec');
  rmSync(at('new.pem'));
  assert.notEqual(await refused('plain', 'new'), 'secure');
});

test('what is no TLS, and a client that leaves, are in the log as without variables', async () => {
  const wire = await server.connect('plain');
  await wire.send('CAPA\r\n');
  await wire.closed();
  await server.waitLog(/\[info\] .* SSL_do_handshake\(\) failed \(SSL: .*wrong version number\) while SSL handshaking/);
  const leaving = await server.connect('plain');
  leaving.end();
  await leaving.closed();
  await server.waitLog(/\[info\] .* peer closed connection in SSL handshake .*while SSL handshaking/);
});
