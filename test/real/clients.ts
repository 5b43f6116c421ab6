// The mail clients that drive the real tests, each run once with its own configuration.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverCertificate } from '../support/certificate.ts';
import { type Ran, run } from '../support/children.ts';
import { Cleanup } from '../support/cleanup.ts';
import { temporaryFolder } from '../support/tmp.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** In clear, by STARTTLS, or TLS from the first byte. */
export type Security = 'clear' | 'starttls' | 'tls';

export const SECURITIES: readonly Security[] = ['clear', 'starttls', 'tls'];

function authorityOf({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export interface CurlOptions {
  readonly scheme: 'imap' | 'pop3' | 'smtp';
  readonly at: Address;
  readonly security: Security;
  readonly user?: readonly [string, string];
  readonly path?: string;
  /** Sent from a file, since curl wants to know the size of a message before. */
  readonly input?: string | Buffer;
  readonly more?: readonly string[];
}

/** curl checks nothing but that the handshake works: the certificate is not made for the test's address. */
export async function curl(options: CurlOptions): Promise<Ran> {
  const { scheme, at, security, user, path = '', input, more = [] } = options;
  const url = `${scheme}${security === 'tls' ? 's' : ''}://${authorityOf(at)}/${path}`;
  const args = ['--silent', '--show-error', '--insecure', '--max-time', '60', '--url', url];
  if (security === 'starttls') args.push('--ssl-reqd');
  if (user !== undefined) args.push('--user', `${user[0]}:${user[1]}`);
  const scope = new Cleanup();
  try {
    if (input !== undefined) {
      const file = join(temporaryFolder(scope, 'curl'), 'message');
      writeFileSync(file, input, 'latin1');
      args.push('--upload-file', file);
    }
    return await run('curl', [...args, ...more], { keep: 256 * 1024 * 1024 });
  } finally {
    await scope.run();
  }
}

export interface SwaksOptions {
  readonly at: Address;
  readonly security: Security;
  readonly to: string;
  readonly subject: string;
  /** Mechanism, user and password. */
  readonly login?: readonly [string, string, string];
}

export function swaks({ at, security, to, subject, login }: SwaksOptions): Promise<Ran> {
  const args = ['--server', at.host.includes(':') ? `[${at.host}]` : at.host, '--port', String(at.port), '--to', to];
  args.push(
    '--from',
    'sender@example.org',
    '--ehlo',
    'client.example.org',
    '--header',
    `Subject: ${subject}`,
    '--timeout',
    '30',
  );
  if (security === 'starttls') args.push('--tls');
  if (security === 'tls') args.push('--tls-on-connect');
  if (login !== undefined) args.push('--auth', login[0], '--auth-user', login[1], '--auth-password', login[2]);
  return run('swaks', args);
}

/** Fetches a whole account into a Maildir. */
export function mbsync(dir: string, at: Address, security: Security, user: string, password: string): Promise<Ran> {
  const type = { clear: 'None', starttls: 'STARTTLS', tls: 'IMAPS' }[security];
  const maildir = join(dir, 'Maildir');
  mkdirSync(maildir, { recursive: true });
  const quoted = password.replace(/["\\]/g, '\\$&');
  const trust = security === 'clear' ? '' : `CertificateFile ${serverCertificate.cert}\n`;
  writeFileSync(
    join(dir, 'mbsyncrc'),
    `IMAPAccount test
Host ${at.host}
Port ${at.port}
User ${user}
Pass "${quoted}"
SSLType ${type}
${trust}AuthMechs LOGIN

IMAPStore far
Account test

MaildirStore near
Path ${maildir}/
Inbox ${maildir}/INBOX

Channel all
Far :far:
Near :near:
Patterns *
Create Near
Sync Pull
SyncState *
`,
  );
  return run('mbsync', ['--config', join(dir, 'mbsyncrc'), '--all'], { env: { ...process.env, HOME: dir } });
}

/** Fetches new mail and appends it to `mbox` in the folder. */
export function fetchmail(
  dir: string,
  protocol: 'imap' | 'pop3',
  at: Address,
  security: Security,
  login: readonly [string, string],
): Promise<Ran> {
  const options = { clear: 'sslproto ""', starttls: 'sslproto "TLS1+"', tls: 'ssl' }[security];
  const rc = join(dir, 'fetchmailrc');
  const quoted = login[1].replace(/["\\]/g, '\\$&');
  writeFileSync(
    rc,
    `poll ${at.host} protocol ${protocol} service ${at.port} auth password
  user "${login[0]}" password "${quoted}" ${options} no sslcertck keep
  mda "cat >> ${dir}/mbox"
`,
  );
  chmodSync(rc, 0o600);
  const args = [
    '--fetchmailrc',
    rc,
    '--nodetach',
    '--nosyslog',
    '--pidfile',
    join(dir, 'pid'),
    '--idfile',
    join(dir, 'ids'),
  ];
  return run('fetchmail', args, { env: { ...process.env, HOME: dir, FETCHMAILHOME: dir } });
}
