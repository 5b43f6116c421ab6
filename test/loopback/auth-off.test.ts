// auth_http off: there is no auth server, and the backend is given the credentials and decides.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { saslPlain } from '../support/bytes.ts';
import { Cleanup, type Scope } from '../support/cleanup.ts';
import { type BackendScript, dialogue, echo, imapBackend, startBackend } from '../support/fake-backend.ts';
import { ownAddress } from '../support/ports.ts';
import { type MailServer, startServer } from '../support/server.ts';
import type { Wire } from '../support/wire.ts';

interface Site {
  readonly server: MailServer;
  open(): Promise<Wire>;
}

type Protocol = 'imap' | 'pop3' | 'smtp';

async function site(t: Scope, protocol: Protocol, script: BackendScript, conf = ''): Promise<Site> {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const backend = await startBackend(scope, script, { host: ownAddress(1) });
  const server = await startServer(scope, {
    config: `mail {
      server_name mx.example.org; auth_http off; proxy_pass ${backend.host}:${backend.port};
      server { listen @mail@; protocol ${protocol}; ${conf} }
    }`,
  });
  const open = async (): Promise<Wire> => {
    const wire = await server.connect('mail');
    scope.after(() => wire.destroy());
    await wire.line();
    return wire;
  };
  return { server, open };
}

const say = async (wire: Wire, line: string): Promise<string> => {
  await wire.send(`${line}\r\n`);
  return (await wire.line(60_000)).trim();
};

/** Lets in whose password is `right`. */
const pop3: BackendScript = async (peer, index) => {
  await peer.send('+OK ready\r\n');
  await peer.line(60_000);
  await peer.send('+OK\r\n');
  const isRight = (await peer.line(60_000)) === 'PASS right\r\n';
  await peer.send(isRight ? '+OK in\r\n' : '-ERR [AUTH] wrong\r\n');
  if (isRight) await echo(peer, index);
};

const SMTP_HELLO = '250-backend\r\n250-XCLIENT ADDR\r\n250 AUTH PLAIN\r\n';

describe('auth_http off', { concurrency: 8 }, () => {
  test("a refusal by the backend is the client's, who may try again", async (t) => {
    const { server, open } = await site(t, 'pop3', pop3);
    const wire = await open();
    assert.equal(await say(wire, 'USER joe'), '+OK');
    assert.equal(await say(wire, 'PASS wrong'), '-ERR Authentication failed');
    assert.equal(await say(wire, 'USER jim'), '+OK');
    assert.equal(await say(wire, 'PASS right'), '+OK in');
    assert.equal(await say(wire, 'NOOP'), '+OK 250 [NOOP]');
    const log = server.log.text();
    assert.match(
      log,
      /\[info\] .*client login failed: "-ERR \[AUTH\] wrong" while in http auth state, client: \S+, server: \S+, login: "joe"\n/,
    );
    assert.doesNotMatch(log, /\[error\]|right|PASS/);
    assert.match(log, /client logged in, client: .*login: "jim"/);
  });

  test('what the backend said is shown with proxy_pass_error_message', async (t) => {
    const { open } = await site(t, 'pop3', pop3, 'proxy_pass_error_message on;');
    const wire = await open();
    await say(wire, 'USER joe');
    assert.equal(await say(wire, 'PASS wrong'), '-ERR [AUTH] wrong');
    assert.equal(await say(wire, 'USER joe'), '+OK');
  });

  test('max_errors counts refusals, and the last one closes', async (t) => {
    const { open } = await site(t, 'pop3', pop3, 'max_errors 2;');
    const wire = await open();
    for (let i = 0; i < 2; i++) {
      await say(wire, 'USER joe');
      assert.equal(await say(wire, 'PASS wrong'), '-ERR Authentication failed');
    }
    await wire.closed();
  });

  test('a session has five logins, whatever max_errors says', async (t) => {
    const { open } = await site(t, 'pop3', pop3, 'max_errors 100;');
    const wire = await open();
    for (let i = 0; i < 5; i++) {
      await say(wire, 'USER joe');
      assert.equal(await say(wire, 'PASS wrong'), '-ERR Authentication failed');
    }
    await wire.closed();
  });

  test('a backend that breaks off is an internal error, and the end', async (t) => {
    const { open } = await site(
      t,
      'pop3',
      dialogue(['+OK ready\r\n', '+OK\r\n'], async () => {}),
    );
    const wire = await open();
    await say(wire, 'USER joe');
    assert.equal(await say(wire, 'PASS right'), '-ERR internal server error');
    await wire.closed();
  });

  test('IMAP', async (t) => {
    const refuses = dialogue(['* OK ready\r\n', '+ OK\r\n', '+ OK\r\n', '$TAG NO [AUTHENTICATIONFAILED] no\r\n']);
    const script: BackendScript = (peer, index) => (index === 0 ? refuses(peer, index) : imapBackend(peer, index));
    const { open } = await site(t, 'imap', script);
    const wire = await open();
    assert.equal(await say(wire, 'a LOGIN joe wrong'), 'a NO Authentication failed');
    assert.equal(await say(wire, 'b LOGIN joe right'), 'b OK logged in');
  });

  test("SMTP: only a permanent refusal of AUTH is the client's", async (t) => {
    const hello = ['220 ready\r\n', SMTP_HELLO, '220 ready\r\n', SMTP_HELLO];
    const answers = ['535 5.7.8 wrong\r\n', '454 4.7.0 not now\r\n'];
    const script: BackendScript = (peer, index) => dialogue([...hello, answers[index] ?? ''])(peer, index);
    const { open } = await site(t, 'smtp', script, 'proxy_smtp_auth on;');
    const wire = await open();
    await say(wire, 'HELO c');
    assert.equal(await say(wire, `AUTH PLAIN ${saslPlain('joe', 'wrong')}`), '535 5.7.0 Authentication failed');
    assert.equal(await say(wire, `AUTH PLAIN ${saslPlain('joe', 'right')}`), '451 4.3.2 Internal server error');
    await wire.closed();
  });

  test('SMTP: a backend that refuses XCLIENT is an internal error, not a wrong password', async (t) => {
    const script = dialogue(['220 ready\r\n', SMTP_HELLO, '550 5.7.0 not you\r\n']);
    const { server, open } = await site(t, 'smtp', script, 'proxy_smtp_auth on;');
    const wire = await open();
    await say(wire, 'HELO c');
    assert.equal(await say(wire, `AUTH PLAIN ${saslPlain('joe', 'right')}`), '451 4.3.2 Internal server error');
    assert.match(server.log.text(), /\[error\] .*upstream sent invalid response: "550 5\.7\.0 not you"/);
  });

  test('a backend without STARTTLS is an internal error, not a wrong password', async (t) => {
    const without = dialogue(['+OK ready\r\n', '-ERR what?\r\n', '-ERR what?\r\n'], echo);
    const { server, open } = await site(t, 'pop3', without, 'proxy_ssl starttls;');
    const wire = await open();
    await say(wire, 'USER joe');
    assert.equal(await say(wire, 'PASS right'), '-ERR internal server error');
    await wire.closed();
    assert.doesNotMatch(server.log.text(), /client login failed/);
  });

  test('a digest and a name without a password are not passed on', async (t) => {
    const { server, open } = await site(t, 'imap', imapBackend, 'imap_auth plain cram-md5 external;');
    const wire = await open();
    const digest = Buffer.from(`joe ${'0'.repeat(32)}`).toString('base64');
    assert.match(await say(wire, 'a AUTHENTICATE CRAM-MD5'), /^\+ /);
    assert.equal(await say(wire, digest), 'a NO Authentication failed');
    assert.match(await say(wire, `b AUTHENTICATE EXTERNAL ${Buffer.from('joe').toString('base64')}`), /^b NO /);
    assert.match(server.log.text(), /client login failed: "cram-md5 has no password to pass on"/);
    assert.equal(await say(wire, 'c LOGIN joe right'), 'c OK logged in', 'the first one that the backend hears of');
  });
});
