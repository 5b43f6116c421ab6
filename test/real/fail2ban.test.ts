// fail2ban and CrowdSec find every failed login in the error log, with the patterns that people use for nginx.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { base64, saslPlain } from '../support/bytes.ts';
import { serverCertificate } from '../support/certificate.ts';
import { run } from '../support/children.ts';
import type { Scope } from '../support/cleanup.ts';
import { refuse, startAuth } from '../support/fake-auth.ts';
import { hasIpv6 } from '../support/ports.ts';
import { missing } from '../support/programs.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { defaultTarget, ROOT } from '../support/target.ts';

const skip = missing(['fail2ban-regex'], defaultTarget().missing());
const FILTERS = join(ROOT, 'test', 'real', 'filters');
const DIGEST = base64('user 0123456789abcdef0123456789abcdef');
const PLAIN = saslPlain('user', 'pass');

/** What a client sends after the greeting; the last of them is refused by the auth service. `TLS` starts TLS. */
interface Failure {
  readonly listener: string;
  readonly says: readonly string[];
}

const TLS = 'TLS';

const FAILURES: readonly Failure[] = [
  { listener: 'imap', says: ['a LOGIN user pass\r\n'] },
  { listener: 'imap', says: ['a LOGIN "us er" ""\r\n'] },
  { listener: 'imap', says: ['a LOGIN "x\\", client: 6.6.6.6, server: y" z\r\n'] },
  { listener: 'imap', says: ['a LOGIN j\xfcrgen@example.org pass\r\n'] },
  { listener: 'imap', says: [`a AUTHENTICATE PLAIN ${PLAIN}\r\n`] },
  { listener: 'imap', says: ['a AUTHENTICATE LOGIN\r\n', `${base64('user')}\r\n`, `${base64('pass')}\r\n`] },
  { listener: 'imap', says: ['a AUTHENTICATE CRAM-MD5\r\n', `${DIGEST}\r\n`] },
  { listener: 'imap', says: ['a STARTTLS\r\n', TLS, 'b LOGIN user pass\r\n'] },
  { listener: 'imaps', says: [TLS, 'a LOGIN user pass\r\n'] },
  { listener: 'pop3', says: ['USER user\r\n', 'PASS pass\r\n'] },
  { listener: 'pop3', says: ['APOP user 0123456789abcdef0123456789abcdef\r\n'] },
  { listener: 'pop3', says: [`AUTH PLAIN ${PLAIN}\r\n`] },
  { listener: 'pop3', says: ['STLS\r\n', TLS, 'USER user\r\n', 'PASS pass\r\n'] },
  { listener: 'smtp', says: [`AUTH PLAIN ${PLAIN}\r\n`] },
  { listener: 'smtp', says: [`AUTH LOGIN ${base64('user')}\r\n`, `${base64('pass')}\r\n`] },
  { listener: 'smtp', says: ['AUTH CRAM-MD5\r\n', `${DIGEST}\r\n`] },
  { listener: 'smtp', says: ['STARTTLS\r\n', TLS, `AUTH PLAIN ${PLAIN}\r\n`] },
  { listener: 'smtp', says: ['MAIL FROM:<a@b>\r\n', 'RCPT TO:<c@d>\r\n'] },
  { listener: 'smtp', says: [`AUTH PLAIN ${saslPlain('', '')}\r\n`] },
];

async function startProxy(scope: Scope, host?: string): Promise<MailServer> {
  const auth = await startAuth(scope, () => refuse('Invalid login or password'));
  const config = `mail {
  auth_http ${auth.url};
  server_name mail.example;
  ssl_certificate ${serverCertificate.cert};
  ssl_certificate_key ${serverCertificate.key};
  starttls on;
  imap_auth plain cram-md5;
  pop3_auth plain apop;
  smtp_auth plain login cram-md5 none;
  max_errors 2;
  server { listen @imap@; protocol imap; }
  server { listen @imaps@ ssl; protocol imap; }
  server { listen @pop3@; protocol pop3; }
  server { listen @smtp@; protocol smtp; }
}`;
  return startServer(scope, host === undefined ? { config } : { config, host });
}

/** Plays a failure to its end. @returns when the server has closed */
async function fail(proxy: MailServer, { listener, says }: Failure, localAddress?: string): Promise<void> {
  const wire = await proxy.connect(listener, localAddress === undefined ? {} : { localAddress });
  if (says[0] !== TLS) await wire.line();
  for (const [i, text] of says.entries()) {
    if (text === TLS) {
      await wire.startTls();
      if (i === 0) await wire.line();
    } else {
      await wire.send(text);
      await wire.line();
    }
  }
  await wire.closed();
  wire.destroy();
}

/** The addresses that a filter finds in a log, in the order of its lines. */
async function found(proxy: MailServer, filter: string): Promise<string[]> {
  const ran = await run('fail2ban-regex', ['--out', 'ip', proxy.log.path, join(FILTERS, filter)]);
  assert.equal(ran.code, 0, ran.stderr);
  return ran.stdout.split('\n').filter((line) => line !== '');
}

/** Loopback addresses by number, so that each failure comes from another client. */
function client(number: number): string {
  return `127.0.1.${number + 1}`;
}

test('fail2ban finds each failed login once, with the address of its client', { skip }, async (t) => {
  const proxy = await startProxy(t);
  for (const [i, failure] of FAILURES.entries()) await fail(proxy, failure, client(i));
  await proxy.waitLog(new RegExp(`(?:client login failed[\\s\\S]*){${FAILURES.length}}`));
  const clients = FAILURES.map((_, i) => client(i));
  assert.deepEqual(await found(proxy, 'nginx-mail.conf'), clients);
  assert.deepEqual(await found(proxy, 'nginx-mail-loose.conf'), clients);
});

test('fail2ban finds IPv6 clients', { skip }, async (t) => {
  if (!(await hasIpv6())) return t.skip('this machine has no IPv6');
  const proxy = await startProxy(t, '[::1]');
  await fail(proxy, { listener: 'imap', says: ['a LOGIN user pass\r\n'] });
  await fail(proxy, { listener: 'imap', says: ['a STARTTLS\r\n', TLS, 'b LOGIN user pass\r\n'] });
  await proxy.waitLog(/(?:client login failed[\s\S]*){2}/);
  assert.deepEqual(await found(proxy, 'nginx-mail.conf'), ['::1', '::1']);
});

test('fail2ban finds clients that talk nonsense', { skip }, async (t) => {
  const proxy = await startProxy(t);
  await fail(proxy, { listener: 'imap', says: ['a X\r\n', 'b X\r\n'] }, client(1));
  await fail(proxy, { listener: 'pop3', says: ['AUTH PLAIN !\r\n', 'X\r\n', 'X\r\n'] }, client(2));
  await proxy.waitLog(/(?:too many invalid commands[\s\S]*){2}/);
  assert.deepEqual(await found(proxy, 'nginx-mail-abuse.conf'), [client(1), client(2), client(2)]);
});

/** What the CrowdSec parser for nginx's mail log needs to find in a line. */
const GROK =
  /^(\d{4}\/\d{2}\/\d{2} \d{2}:\d{2}:\d{2}) \[(\w+)\] (\d+)#(\d+): \*(\d+) client login failed: "(.*)" while .*, client: (\S+?)(?: using starttls)?, server: (\S+:\d+)(?:, login: "(.*)")?(?:, upstream: (\S+:\d+))?$/;

test('a grok pattern takes each line of a failed login apart', { skip }, async (t) => {
  const proxy = await startProxy(t);
  for (const failure of FAILURES) await fail(proxy, failure, client(0));
  await proxy.waitLog(new RegExp(`(?:client login failed[\\s\\S]*){${FAILURES.length}}`));
  const lines = proxy.log
    .text()
    .split('\n')
    .filter((line) => line.includes('client login failed'));
  assert.equal(lines.length, FAILURES.length);
  for (const line of lines) assert.equal(GROK.exec(line)?.[7], client(0), line);
});
