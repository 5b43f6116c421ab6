// auth_http_cache at the real command: which logins the auth server is asked about, and which it is not.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { base64 } from '../support/bytes.ts';
import { Cleanup } from '../support/cleanup.ts';
import { type AuthScript, accept, refuse, startAuth } from '../support/fake-auth.ts';
import { type BackendScript, dialogue, imapBackend, startBackend } from '../support/fake-backend.ts';
import { overTls } from '../support/secure-backend.ts';
import { startServer } from '../support/server.ts';
import type { ConnectOptions, Wire } from '../support/wire.ts';

interface Site {
  /** @returns the reply to a LOGIN in a session of its own */
  login(user: string, password: string, listener?: string): Promise<string>;
  connect(listener?: string, options?: ConnectOptions): Promise<Wire>;
  /** How often the auth server was asked. */
  questions(): number;
  /** What the backend got, by session. */
  received(session: number): Promise<string>;
  log(): string;
}

interface Setting {
  readonly directives: string;
  readonly answers?: (backend: { readonly host: string; readonly port: number }) => AuthScript;
  readonly backendRefuses?: boolean;
  readonly backend?: BackendScript;
}

async function site(
  t: TestContext,
  { directives, answers, backend: script, backendRefuses = false }: Setting,
): Promise<Site> {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const refusing = dialogue(['* OK backend\r\n', '+ OK\r\n', '+ OK\r\n', '$TAG NO not today\r\n']);
  const backend = await startBackend(scope, script ?? (backendRefuses ? refusing : imapBackend));
  const auth = await startAuth(scope, answers?.(backend) ?? (() => accept(backend)));
  const server = await startServer(scope, {
    config: `events {} mail {
      auth_http ${auth.host}:${auth.port}/auth; ${directives}
      server { listen @imap@; protocol imap; imap_auth plain cram-md5 xoauth2; }
      server { listen @other@; protocol imap; auth_http ${auth.host}:${auth.port}/elsewhere; }
      server { listen @pop3@; protocol pop3; }
    }`,
    logLevel: 'info',
  });
  return {
    login: async (user, password, listener = 'imap') => {
      const wire = await server.connect(listener);
      await wire.expectLine('* OK IMAP4 ready\r\n');
      await wire.send(`a LOGIN ${user} ${password}\r\n`);
      const line = await wire.line();
      wire.destroy();
      return line;
    },
    connect: (listener = 'imap', options = {}) => server.connect(listener, options),
    questions: () => auth.requests.length,
    received: async (session) => (await backend.peer(session)).received.toString('latin1'),
    log: () => server.log.text(),
  };
}

const CACHE = 'auth_http_cache zone=auth:1m; auth_http_cache_valid 10m; auth_http_cache_valid fail 30s;';

test('the same login is asked about once; another password, user or question is asked about anew', async (t) => {
  const { login, questions } = await site(t, { directives: CACHE });
  for (let i = 0; i < 3; i++) assert.match(await login('joe', 'secret'), /^a OK/);
  assert.equal(questions(), 1);
  await login('joe', 'other');
  await login('jim', 'secret');
  await login('joe', 'secret', 'other');
  assert.equal(questions(), 4);
  for (const [user, password] of [
    ['joe', 'other'],
    ['jim', 'secret'],
  ] as const) {
    assert.match(await login(user, password), /^a OK/);
  }
  await login('joe', 'secret', 'other');
  assert.equal(questions(), 4);
});

test('an answer for one protocol is none for another', async (t) => {
  const { login, questions, connect } = await site(t, { directives: CACHE });
  assert.match(await login('joe', 'secret'), /^a OK/);
  const wire = await connect('pop3');
  await wire.send('USER joe\r\nPASS secret\r\n');
  await wire.match(/-ERR internal server error\r\n/); // the backend speaks IMAP
  wire.destroy();
  assert.equal(questions(), 2);
});

test('an answer for one address is none for another', async (t) => {
  const { questions, connect } = await site(t, { directives: CACHE });
  for (const [localAddress, asked] of [
    ['127.0.0.1', 1],
    ['127.0.0.2', 2],
    ['127.0.0.1', 2],
  ] as const) {
    const wire = await connect('imap', { localAddress });
    await wire.expectLine('* OK IMAP4 ready\r\n');
    await wire.send('a LOGIN joe secret\r\n');
    await wire.expectLine('a OK logged in\r\n');
    wire.destroy();
    assert.equal(questions(), asked);
  }
});

test('a token that was refused is refused again, with the reason in SASL, also where the client is ahead', async (t) => {
  const { connect, questions } = await site(t, {
    directives: CACHE,
    answers: () => () => refuse('no token', 'Auth-Error-SASL: e30='),
  });
  const token = base64('user=joe\x01auth=Bearer t\x01\x01');
  for (let i = 0; i < 3; i++) {
    const wire = await connect();
    await wire.send(`a AUTHENTICATE XOAUTH2 ${token}\r\nAQ==\r\nb NOOP\r\n`);
    assert.equal((await wire.rest()).toString('latin1'), '* OK IMAP4 ready\r\n+ e30=\r\na NO no token\r\n');
    wire.destroy();
  }
  assert.equal(questions(), 1);
});

test('the mechanism of an answer counts from the cache too', async (t) => {
  const { login, questions } = await site(t, {
    directives: `${CACHE} proxy_imap_auth plain;`,
    answers: (backend) => () => accept(backend, 'Auth-Method: login'),
  });
  for (let i = 0; i < 2; i++) assert.match(await login('joe', 'secret'), /^a OK/);
  assert.equal(questions(), 1);
});

test('user and password of an answer go to the backend from the cache too', async (t) => {
  const { login, questions, received } = await site(t, {
    directives: CACHE,
    answers: (backend) => () => accept(backend, 'Auth-User: real', 'Auth-Pass: hidden'),
  });
  for (let i = 0; i < 2; i++) assert.match(await login('joe', 'secret'), /^a OK/);
  assert.equal(questions(), 1);
  const expected = 'a LOGIN {4}\r\nreal {6}\r\nhidden\r\n';
  assert.deepEqual([await received(0), await received(1)], [expected, expected]);
});

test('a refusal is kept as well, with its text', async (t) => {
  const { login, questions, log } = await site(t, { directives: CACHE, answers: () => () => refuse('no such luck') });
  for (let i = 0; i < 2; i++) assert.equal(await login('joe', 'wrong'), 'a NO no such luck\r\n');
  assert.equal(questions(), 1);
  assert.equal(log().split('client login failed: "no such luck" while in http auth state').length, 3);
});

test('refusals are kept for as long as is said for them only', async (t) => {
  const { login, questions } = await site(t, {
    directives: 'auth_http_cache zone=auth:1m; auth_http_cache_valid 10m;',
    answers: () => () => refuse('no'),
  });
  for (let i = 0; i < 2; i++) await login('joe', 'wrong');
  assert.equal(questions(), 2);
});

test('an answer that the backend does not take is forgotten', async (t) => {
  const { login, questions } = await site(t, { directives: CACHE, backendRefuses: true });
  for (let i = 0; i < 2; i++) assert.match(await login('joe', 'secret'), /BAD internal server error/);
  assert.equal(questions(), 2);
});

test('with a key of its own an answer holds for whatever has the same', async (t) => {
  for (const [key, questions] of [
    ['key=', 1],
    ['"key=$remote_port"', 2],
  ] as const) {
    const made = await site(t, { directives: CACHE.replace('1m;', `1m ${key};`) });
    for (let i = 0; i < 2; i++) await made.login('joe', 'secret');
    assert.equal(made.questions(), questions, key);
  }
});

test('an answer whose backend must not be dialled is forgotten', async (t) => {
  const { login, questions } = await site(t, {
    directives: `${CACHE} proxy_ssl on;`,
    answers: (backend) => () => accept(backend, 'Auth-Upstream-SSL: off'),
  });
  for (let i = 0; i < 2; i++) assert.match(await login('joe', 'secret'), /internal server error/);
  assert.equal(questions(), 2);
});

test('the answer to a challenge is asked about every time', async (t) => {
  const { questions, connect } = await site(t, { directives: CACHE, answers: () => () => refuse('no') });
  for (let i = 1; i <= 2; i++) {
    const wire = await connect();
    await wire.expectLine('* OK IMAP4 ready\r\n');
    await wire.send('a AUTHENTICATE CRAM-MD5\r\n');
    await wire.match(/^\+ (.*)\r\n/);
    await wire.send(`${Buffer.from(`joe ${'0'.repeat(32)}`).toString('base64')}\r\n`);
    await wire.expectLine('a NO no\r\n');
    wire.destroy();
    assert.equal(questions(), i);
  }
});

test('without auth_http_cache_valid nothing is kept, and without a cache neither', async (t) => {
  for (const directives of ['auth_http_cache zone=auth:1m;', '', 'auth_http_cache off; auth_http_cache_valid 1m;']) {
    const { login, questions } = await site(t, { directives });
    for (let i = 0; i < 2; i++) await login('joe', 'secret');
    assert.equal(questions(), 2, directives);
  }
});

test('a question with another value of a variable is another question; kept headers of answers come back too', async (t) => {
  const variables = 'map $mail_login_attempts $first { 1 yes; default no; } auth_http_header X-First $first;';
  const { login, connect, questions } = await site(t, {
    directives: `${CACHE} ${variables} auth_http_header X-Note "$auth_http_x_note";`,
    answers: () => () => refuse('no', 'Auth-Wait: 1', 'X-Note: kept'),
  });
  await login('joe', 'secret');
  await login('joe', 'secret');
  assert.equal(questions(), 1);
  const wire = await connect();
  await wire.expectLine('* OK IMAP4 ready\r\n');
  for (const count of [1, 2]) {
    await wire.send('a LOGIN joe secret\r\n');
    await wire.expectLine('a NO no\r\n');
    assert.equal(questions(), count);
  }
  wire.destroy();
});

test('what an answer says of TLS to the backend is kept with it', async (t) => {
  const { login, questions, received, log } = await site(t, {
    directives: CACHE,
    answers: (backend) => () => accept(backend, 'Auth-Upstream-SSL: on', 'Auth-Upstream-SSL-Name: mail.example'),
    backend: overTls(imapBackend),
  });
  for (const session of [0, 1]) {
    assert.equal(await login('joe', 'secret'), 'a OK logged in\r\n', log());
    assert.match(await received(session), /^a LOGIN /);
  }
  assert.equal(questions(), 1);
});
