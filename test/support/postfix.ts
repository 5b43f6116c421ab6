// A Postfix of its own for a test: two smtpd on loopback, mail delivered to Maildirs.
import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CertificateFiles } from './certificate.ts';
import { Child, run } from './children.ts';
import type { Scope } from './cleanup.ts';
import { type Dovecot, MAIL_OWNER } from './dovecot.ts';
import { LogFile } from './log-file.ts';
import { freePort, ownAddress } from './ports.ts';
import { temporaryFolder } from './tmp.ts';

/** Mail for USER@DOMAIN goes to the user's Maildir. */
export const DOMAIN = 'example.net';

export class Postfix {
  readonly host: string;
  /** Trusts XCLIENT from loopback. */
  readonly xclient: number;
  /** Wants AUTH, which it asks Dovecot about. */
  readonly submission: number;
  readonly log: LogFile;

  constructor(dir: string, host: string, ports: readonly [number, number]) {
    this.host = host;
    [this.xclient, this.submission] = ports;
    this.log = new LogFile(join(dir, 'maillog'));
  }
}

/** Delivers to the Maildirs of Dovecot's users. @param certificate nothing is taken without STARTTLS */
export async function startPostfix(scope: Scope, dovecot: Dovecot, certificate?: CertificateFiles): Promise<Postfix> {
  const dir = temporaryFolder(scope, 'postfix');
  chmodSync(dir, 0o755);
  const host = ownAddress();
  const postfix = new Postfix(dir, host, [await freePort(host), await freePort(host)]);
  for (const folder of ['conf', 'spool', 'data']) mkdirSync(join(dir, folder));
  const owner = statSync('/var/lib/postfix');
  chownSync(join(dir, 'data'), owner.uid, owner.gid);
  writeFileSync(join(dir, 'conf', 'main.cf'), mainCf(dir, dovecot) + tlsCf(certificate));
  writeFileSync(join(dir, 'conf', 'master.cf'), masterCf(postfix));
  const child = new Child('/usr/sbin/postfix', ['-c', join(dir, 'conf'), 'start-fg'], { ownGroup: true });
  scope.after(async () => {
    await run('/usr/sbin/postfix', ['-c', join(dir, 'conf'), 'stop']);
    await child.stop(['SIGTERM']);
  });
  const ready = postfix.log.wait(/daemon started/, 20_000);
  const gone = child.exited.then(() =>
    Promise.reject(new Error(`postfix ended: ${child.stderr}${postfix.log.text()}`)),
  );
  await Promise.race([ready, gone]);
  return postfix;
}

function mainCf(dir: string, dovecot: Dovecot): string {
  const mailboxes = dovecot.users.map((user) => `${user}@${DOMAIN}=${user}/Maildir/`);
  return `
compatibility_level = 3.6
queue_directory = ${dir}/spool
data_directory = ${dir}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = backend.example.net
mydestination =
alias_maps =
local_recipient_maps =
maillog_file = ${dir}/maillog
maillog_file_prefixes = ${dir}
mynetworks = 192.0.2.1/32
message_size_limit = 0
mailbox_size_limit = 0
virtual_mailbox_limit = 0
virtual_mailbox_domains = ${DOMAIN}
virtual_mailbox_base = ${dovecot.homes}
virtual_mailbox_maps = inline:{${mailboxes.join(', ')}}
virtual_uid_maps = static:${MAIL_OWNER.uid}
virtual_gid_maps = static:${MAIL_OWNER.gid}
virtual_minimum_uid = 1
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:${dovecot.host}:${dovecot.sasl}
smtpd_sasl_authenticated_header = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
`;
}

function tlsCf(certificate: CertificateFiles | undefined): string {
  if (certificate === undefined) return '';
  return `
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = ${certificate.cert}
smtpd_tls_key_file = ${certificate.key}
smtpd_tls_auth_only = yes
smtpd_tls_received_header = yes
`;
}

function masterCf({ host, xclient, submission }: Postfix): string {
  return `
${host}:${xclient} inet n - n - - smtpd
${host}:${submission} inet n - n - - smtpd
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
tlsmgr unix - - n 1000? 1 tlsmgr
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`;
}
