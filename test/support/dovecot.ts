// A Dovecot of its own for a test: IMAP, POP3 and SASL for Postfix on loopback, Maildirs in a temporary folder.
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CertificateFiles } from './certificate.ts';
import { Child } from './children.ts';
import type { Scope } from './cleanup.ts';
import { LogFile } from './log-file.ts';
import { freePort, ownAddress } from './ports.ts';
import { listens, until } from './processes.ts';
import { temporaryFolder } from './tmp.ts';

/** Who owns the mailboxes: nobody. */
export const MAIL_OWNER = { uid: 65534, gid: 65534 } as const;

const START_MS = 15_000;

/** Login and password of each user. */
export type Users = Readonly<Record<string, string>>;

type DovecotPorts = readonly [imap: number, pop3: number, sasl: number, imaps: number, pop3s: number];

export class Dovecot {
  readonly host: string;
  readonly imap: number;
  readonly pop3: number;
  /** With TLS from the first byte, where there is a certificate. */
  readonly imaps: number;
  readonly pop3s: number;
  /** Where Postfix asks for SASL. */
  readonly sasl: number;
  readonly log: LogFile;
  readonly users: readonly string[];
  readonly #home: string;
  readonly #dir: string;
  #child: Child | undefined;

  constructor(dir: string, host: string, ports: DovecotPorts, users: readonly string[]) {
    this.host = host;
    this.users = users;
    [this.imap, this.pop3, this.sasl, this.imaps, this.pop3s] = ports;
    this.log = new LogFile(join(dir, 'dovecot.log'));
    this.#home = join(dir, 'home');
    this.#dir = dir;
  }

  /** Also after a stop. Resolves when it takes connections. */
  async start(): Promise<void> {
    const child = new Child('/usr/sbin/dovecot', ['-F', '-c', join(this.#dir, 'dovecot.conf')], { ownGroup: true });
    this.#child = child;
    const ready = until(() => listens(this.host, this.imap), 'Dovecot', START_MS);
    const gone = child.exited.then(() => Promise.reject(new Error(`dovecot ended: ${child.stderr}${this.log.text()}`)));
    await Promise.race([ready, gone]);
  }

  async stop(): Promise<void> {
    await this.#child?.stop(['SIGTERM']);
    this.#child = undefined;
  }

  /** Holds a folder per user, with a Maildir in it. */
  get homes(): string {
    return this.#home;
  }

  /** The new messages of a user. */
  newMail(user: string): string {
    return join(this.#home, user, 'Maildir', 'new');
  }

  /** Puts a message into a user's INBOX. */
  deliver(user: string, name: string, text: string | Buffer): void {
    const file = join(this.newMail(user), name);
    writeFileSync(file, text);
    chownSync(file, MAIL_OWNER.uid, MAIL_OWNER.gid);
  }
}

/** Whole before any server runs: one that meets a Maildir half made puts the mail off for minutes. */
function makeMaildir(folder: string): void {
  for (const part of ['cur', 'tmp', 'new']) makeOwned(join(folder, part));
}

/** Makes a folder, and those above it, that belongs to the owner of mailboxes. */
function makeOwned(folder: string): void {
  const made = mkdirSync(folder, { recursive: true });
  if (made === undefined) return;
  for (let dir = folder; ; dir = dirname(dir)) {
    chownSync(dir, MAIL_OWNER.uid, MAIL_OWNER.gid);
    if (dir === made) return;
  }
}

export interface DovecotOptions {
  /** Where tokens are looked up: then it takes XOAUTH2 and OAUTHBEARER too. */
  readonly introspection?: string;
  /** TLS is offered, and nobody logs in without it. */
  readonly certificate?: CertificateFiles;
  /** A PROXY header has to come first, on every port for mail. */
  readonly haproxy?: true;
}

export async function startDovecot(
  scope: Scope,
  users: Users,
  { introspection, certificate, haproxy }: DovecotOptions = {},
): Promise<Dovecot> {
  const dir = temporaryFolder(scope, 'dovecot');
  chmodSync(dir, 0o755); // its processes run as other users
  const host = ownAddress();
  const take = (): Promise<number> => freePort(host);
  const ports = [await take(), await take(), await take(), await take(), await take()] as const;
  const dovecot = new Dovecot(dir, host, ports, Object.keys(users));
  for (const user of dovecot.users) makeMaildir(dirname(dovecot.newMail(user)));
  writeFileSync(
    join(dir, 'users'),
    Object.entries(users)
      .map(([user, password]) => `${user}:{PLAIN}${password}\n`)
      .join(''),
  );
  chmodSync(join(dir, 'users'), 0o644);
  let conf = configuration(dir, dovecot, certificate);
  if (haproxy) conf = behindProxies(conf);
  if (introspection !== undefined) {
    writeFileSync(join(dir, 'oauth2.conf'), oauth2(introspection));
    chmodSync(join(dir, 'oauth2.conf'), 0o644);
    conf += withOauth2(dir);
  }
  writeFileSync(join(dir, 'dovecot.conf'), conf);
  scope.after(() => dovecot.stop());
  await dovecot.start();
  return dovecot;
}

function configuration(dir: string, dovecot: Dovecot, certificate: CertificateFiles | undefined): string {
  const { host, imap, pop3, sasl } = dovecot;
  const [imaps, pop3s] = certificate === undefined ? [0, 0] : [dovecot.imaps, dovecot.pop3s];
  const ssl =
    certificate === undefined
      ? 'ssl = no'
      : `ssl = required\nssl_cert = <${certificate.cert}\nssl_key = <${certificate.key}`;
  return `
base_dir = ${dir}/run
state_dir = ${dir}/state
instance_name = postern-test-${process.pid}
log_path = ${dir}/dovecot.log
protocols = imap pop3
listen = ${host}
${ssl}
disable_plaintext_auth = ${certificate === undefined ? 'no' : 'yes'}
auth_mechanisms = plain login cram-md5
auth_failure_delay = 0
first_valid_uid = 1
mail_max_userip_connections = 100
mail_location = maildir:~/Maildir
passdb {
  driver = passwd-file
  args = ${dir}/users
}
userdb {
  driver = static
  args = uid=${MAIL_OWNER.uid} gid=${MAIL_OWNER.gid} home=${dir}/home/%n
}
service imap-login {
  inet_listener imap {
    port = ${imap}
  }
  inet_listener imaps {
    port = ${imaps}
    ssl = yes
  }
}
service pop3-login {
  inet_listener pop3 {
    port = ${pop3}
  }
  inet_listener pop3s {
    port = ${pop3s}
    ssl = yes
  }
}
service auth {
  inet_listener {
    address = ${host}
    port = ${sasl}
  }
}
`;
}

const behindProxies = (conf: string): string =>
  `haproxy_trusted_networks = 127.0.0.0/8\n${conf.replaceAll(/(inet_listener (?:imap|pop3)s? \{)/g, '$1\n    haproxy = yes')}`;

/** The token goes in the Authorization header of a GET. */
const oauth2 = (introspection: string): string => `
introspection_url = ${introspection}
introspection_mode = auth
active_attribute = active
active_value = true
username_attribute = username
`;

const withOauth2 = (dir: string): string => `
auth_mechanisms = plain login xoauth2 oauthbearer
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${dir}/oauth2.conf
}
`;
