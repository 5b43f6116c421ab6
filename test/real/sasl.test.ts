// OAuth and other mechanisms, from curl and swaks through the proxy to Dovecot and Postfix, which look the tokens up.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serverCertificate } from '../support/certificate.ts';
import { Cleanup, type Scope } from '../support/cleanup.ts';
import { type Dovecot, startDovecot } from '../support/dovecot.ts';
import { type AuthRequest, accept, type FakeAuth, refuse, startAuth } from '../support/fake-auth.ts';
import { DOMAIN, type Postfix, startPostfix } from '../support/postfix.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { curl, type Security, swaks } from './clients.ts';
import { startIntrospection, TOKEN } from './introspection.ts';
import { USERS, without } from './mail-system.ts';

const MECHANISMS = ['XOAUTH2', 'OAUTHBEARER'] as const;
const PROTOCOLS = ['imap', 'pop3', 'smtp'] as const;
type Protocol = (typeof PROTOCOLS)[number];

interface System {
  readonly dovecot: Dovecot;
  readonly postfix: Postfix;
  readonly auth: FakeAuth;
  readonly proxy: MailServer;
  /** Tokens that Dovecot has looked up. */
  readonly lookedUp: string[];
}

async function startSystem(scope: Scope): Promise<System> {
  const lookedUp: string[] = [];
  const dovecot = await startDovecot(scope, USERS, { introspection: await startIntrospection(scope, lookedUp) });
  const postfix = await startPostfix(scope, dovecot);
  const auth = await startAuth(scope, (request) => answer(request, dovecot, postfix));
  const proxy = await startServer(scope, { config: configuration(auth.url) });
  return { dovecot, postfix, auth, proxy, lookedUp };
}

function configuration(url: string): string {
  // curl takes the one that it likes best of those that are offered, whatever it is told.
  const servers = PROTOCOLS.flatMap((protocol) => [
    `server { listen @${protocol}@; protocol ${protocol}; }`,
    ...MECHANISMS.flatMap((mechanism) => {
      const conf = `protocol ${protocol}; ${protocol}_auth ${mechanism};`;
      return [
        `server { listen @${protocol}-${mechanism}-clear@; ${conf} }`,
        `server { listen @${protocol}-${mechanism}-tls@ ssl; ${conf} auth_http_header X-Checks here; }`,
      ];
    }),
  ]);
  return `mail {
  auth_http ${url};
  ssl_certificate ${serverCertificate.cert};
  ssl_certificate_key ${serverCertificate.key};
  imap_auth plain login; smtp_auth plain login;
  pop3_client_buffer 4k;
  imap_capabilities IMAP4rev1 SASL-IR;
  proxy_imap_auth pass; proxy_pop3_auth pass; proxy_smtp_auth pass; xclient off;
  proxy_pass_error_message on;
  ${servers.join('\n  ')}
}`;
}

/** Lets the backend decide, or decides itself where it is asked to. */
function answer(request: AuthRequest, dovecot: Dovecot, postfix: Postfix): string {
  if (request.header('X-Checks') !== undefined && request.header('Auth-Pass') !== TOKEN) {
    return refuse('Invalid token', `Auth-Error-SASL: ${Buffer.from('{"status":"invalid_token"}').toString('base64')}`);
  }
  const port = {
    imap: dovecot.imap,
    pop3: dovecot.pop3,
    smtp: postfix.submission,
  }[request.header('Auth-Protocol') ?? ''];
  return accept({ host: dovecot.host, port: port ?? 0 });
}

const cleanup = new Cleanup();
let started: Promise<System> | undefined;
after(() => cleanup.run());
const system = (): Promise<System> => {
  started ??= startSystem(cleanup);
  return started;
};
const skip = without('curl', 'swaks');

/** What each protocol is asked to do, once it is logged in. */
const TASKS: Readonly<Record<Protocol, Pick<Parameters<typeof curl>[0], 'more' | 'input'>>> = {
  imap: { more: ['--request', 'EXAMINE INBOX'] },
  pop3: {},
  smtp: {
    more: ['--mail-from', 'a@example.org', '--mail-rcpt', `bob@${DOMAIN}`],
    input: 'Subject: by a token\r\n\r\nbody\r\n',
  },
};

async function byToken(
  protocol: Protocol,
  security: Exclude<Security, 'starttls'>,
  token: string,
  mechanism: string,
  ...more: string[]
) {
  const { proxy } = await system();
  const task = TASKS[protocol];
  return curl({
    scheme: protocol,
    at: proxy.at(`${protocol}-${mechanism}-${security}`),
    security,
    user: ['alice', ''],
    ...task,
    more: [...(task.more ?? []), '--oauth2-bearer', token, ...more],
  });
}

for (const protocol of PROTOCOLS) {
  for (const mechanism of MECHANISMS) {
    for (const [how, more] of [
      ['in a challenge', []],
      ['at once', ['--sasl-ir']],
    ] as const) {
      test(`${protocol}: curl logs in by ${mechanism}, ${how}`, { skip }, async () => {
        const { lookedUp, dovecot, postfix } = await system();
        const before = lookedUp.length;
        for (const security of ['clear', 'tls'] as const) {
          const ran = await byToken(protocol, security, TOKEN, mechanism, ...more);
          assert.equal(ran.code, 0, ran.stderr);
        }
        assert.deepEqual(lookedUp.slice(before), [TOKEN, TOKEN], 'the backend got the token, and looked it up');
        if (protocol === 'smtp') await postfix.log.wait(new RegExp(`sasl_method=${mechanism}, sasl_username=alice`));
        else await dovecot.log.wait(new RegExp(`${protocol}-login: Info: Login: user=<alice>, method=${mechanism}`));
      });
    }

    test(`${protocol}: a token that the backend refuses by ${mechanism}`, { skip }, async () => {
      const { lookedUp, proxy } = await system();
      const ran = await byToken(protocol, 'clear', 'wrong', mechanism);
      assert.equal(ran.code, 67, ran.stderr);
      assert.equal(lookedUp.at(-1), 'wrong');
      await proxy.waitLog(
        /upstream sent invalid response: "(?:NO|-ERR|535) [^"]*" while reading response from upstream, [^\n]*login: "alice"/,
      );
    });

    test(`${protocol}: a token that the auth service refuses by ${mechanism}, and why`, { skip }, async () => {
      const { lookedUp } = await system();
      const before = lookedUp.length;
      const ran = await byToken(protocol, 'tls', 'wrong', mechanism, '--verbose');
      assert.equal(ran.code, 67, ran.stderr);
      assert.match(ran.stderr, /< (?:\+|334) eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=/, 'the reason');
      // With XOAUTH2 curl leaves without an answer.
      if (mechanism === 'OAUTHBEARER') assert.match(ran.stderr, /< (?:A\d+ NO|-ERR|535 5\.7\.0) Invalid token/);
      assert.equal(lookedUp.length, before);
    });
  }

  for (const mechanism of ['PLAIN', 'LOGIN']) {
    test(`${protocol}: curl logs in by ${mechanism}`, { skip }, async () => {
      const { proxy } = await system();
      const task = TASKS[protocol];
      const ran = await curl({
        scheme: protocol,
        at: proxy.at(protocol),
        security: 'clear',
        user: ['alice', USERS.alice ?? ''],
        ...task,
        more: [...(task.more ?? []), '--login-options', `AUTH=${mechanism}`],
      });
      assert.equal(ran.code, 0, ran.stderr);
    });
  }
}

for (const mechanism of ['PLAIN', 'LOGIN'] as const) {
  test(`swaks logs in by ${mechanism}, and Postfix is told by the same`, { skip }, async () => {
    const { proxy, postfix } = await system();
    const login = [mechanism, 'bob', USERS.bob ?? ''] as const;
    const sent = { at: proxy.at('smtp'), security: 'clear', to: `alice@${DOMAIN}`, subject: mechanism } as const;
    const ran = await swaks({ ...sent, login });
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
    await postfix.log.wait(new RegExp(`sasl_method=${mechanism}, sasl_username=bob`));
    const wrong = await swaks({ ...sent, login: [mechanism, 'bob', 'wrong'] });
    assert.equal(wrong.code, 28, wrong.stdout);
    assert.match(wrong.stdout, /535 5\.7\.8 Error: authentication failed/, 'in the words of Postfix');
  });
}

test('no token is in the log', { skip }, async () => {
  const { proxy } = await system();
  assert.doesNotMatch(proxy.log.text(), /Zm9vYmFy|eyJhbGci/);
});
