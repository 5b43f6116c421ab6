// The whole system of the real tests: Dovecot, Postfix, an auth service that knows its users, and the proxy before them.
import { createHash, createHmac } from 'node:crypto';
import { serverCertificate } from '../support/certificate.ts';
import { Cleanup, type Scope } from '../support/cleanup.ts';
import { type Dovecot, startDovecot, type Users } from '../support/dovecot.ts';
import { type AuthRequest, accept, type FakeAuth, refuse, startAuth } from '../support/fake-auth.ts';
import { hasIpv6 } from '../support/ports.ts';
import { type Postfix, startPostfix } from '../support/postfix.ts';
import { missing, notRoot } from '../support/programs.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { defaultTarget } from '../support/target.ts';

export const USERS: Users = { alice: 'wonder land%"', bob: 'builder' };

/** Programs of every real test. */
const SERVERS = ['dovecot', 'postfix'] as const;

export interface MailSystem {
  readonly dovecot: Dovecot;
  readonly postfix: Postfix;
  readonly auth: FakeAuth;
  readonly proxy: MailServer;
  /** The same listeners on ::1; undefined where the machine has no IPv6. */
  readonly proxy6: MailServer | undefined;
}

/** The `skip` of a real test that needs these clients too. */
export function without(...clients: readonly string[]): string | false {
  return missing([...SERVERS, ...clients], notRoot(), defaultTarget().missing());
}

/** Starts everything; all of it ends with the scope. */
export async function startMailSystem(scope: Scope): Promise<MailSystem> {
  const dovecot = await startDovecot(scope, USERS);
  const postfix = await startPostfix(scope, dovecot);
  const auth = await startAuth(scope, (request) => answer(request, dovecot, postfix));
  const config = configuration(auth.url);
  const allow = /SSL_shutdown\(\) failed/; // nginx says it at crit of a client that goes on talking
  const proxy = await startServer(scope, { config, allow });
  const proxy6 = (await hasIpv6()) ? await startServer(scope, { config, allow, host: '[::1]' }) : undefined;
  return { dovecot, postfix, auth, proxy, proxy6 };
}

function configuration(url: string): string {
  return `mail {
  auth_http ${url};
  server_name mail.example;
  ssl_certificate ${serverCertificate.cert};
  ssl_certificate_key ${serverCertificate.key};
  starttls on;
  imap_auth plain login cram-md5;
  pop3_auth plain apop cram-md5;
  smtp_auth plain login cram-md5;
  imap_capabilities IMAP4rev1 UIDPLUS LITERAL+;
  smtp_capabilities "SIZE 104857600" 8BITMIME PIPELINING;
  proxy_pass_error_message on;
  server { listen @imap@; protocol imap; }
  server { listen @imaps@ ssl; protocol imap; }
  server { listen @pop3@; protocol pop3; }
  server { listen @pop3s@ ssl; protocol pop3; }
  server { listen @smtp@; protocol smtp; }
  server { listen @smtps@ ssl; protocol smtp; }
  server { listen @smtp-auth@; protocol smtp; xclient off; proxy_smtp_auth on; auth_http_header X-Backend submission; }
  server { listen @mx@; protocol smtp; smtp_auth none; starttls off; }
}`;
}

/** Checks a login as an auth service does, digests included, and names the backend. */
function answer(request: AuthRequest, dovecot: Dovecot, postfix: Postfix): string {
  const protocol = request.header('Auth-Protocol');
  if (request.header('Auth-Method') === 'none') return accept({ host: postfix.host, port: postfix.xclient });
  const password = verified(request);
  if (password === undefined) return refuse('Invalid login or password');
  const secret = `Auth-Pass: ${password}`;
  if (protocol === 'imap') return accept({ host: dovecot.host, port: dovecot.imap }, secret);
  if (protocol === 'pop3') return accept({ host: dovecot.host, port: dovecot.pop3 }, secret);
  const port = request.header('X-Backend') === 'submission' ? postfix.submission : postfix.xclient;
  return accept({ host: postfix.host, port }, secret);
}

/** The password of the user whose proof is right. */
function verified(request: AuthRequest): string | undefined {
  const user = decodeURIComponent(request.header('Auth-User') ?? '');
  const proof = decodeURIComponent(request.header('Auth-Pass') ?? '');
  const salt = request.header('Auth-Salt') ?? '';
  const password = USERS[user];
  if (password === undefined) return undefined;
  const expected = {
    plain: password,
    apop: createHash('md5').update(`${salt}${password}`).digest('hex'),
    'cram-md5': createHmac('md5', password).update(salt).digest('hex'),
  }[request.header('Auth-Method') ?? ''];
  return proof === expected ? password : undefined;
}

/** Starts one system for all tests of a file. */
export function shared(after: (fn: () => Promise<void>) => void): () => Promise<MailSystem> {
  const scope = new Cleanup();
  let started: Promise<MailSystem> | undefined;
  after(() => scope.run());
  return () => {
    started ??= startMailSystem(scope);
    return started;
  };
}
