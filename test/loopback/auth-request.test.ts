// How auth_http and auth_http_header make the request: URL forms, the Host line, a unix socket, inheritance.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { saslPlain } from '../support/bytes.ts';
import { Cleanup } from '../support/cleanup.ts';
import { FakeAuth, refuse, startAuth } from '../support/fake-auth.ts';
import { event } from '../support/in-time.ts';
import { startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/tmp.ts';

/** Logs in to a POP3 server with these directives; the auth server refuses. @returns the lines of the request */
async function requestOf(
  t: TestContext,
  conf: (auth: FakeAuth) => string,
  mail = '',
  at?: FakeAuth,
): Promise<string[]> {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const auth = at ?? (await startAuth(scope, () => refuse('no')));
  const config = `mail { ${mail} server { listen @pop3@; protocol pop3; ${conf(auth)} } }`;
  const server = await startServer(scope, { config });
  const wire = await server.connect('pop3');
  scope.after(() => wire.destroy());
  await wire.send(`AUTH PLAIN ${saslPlain('u', 'p')}\r\n`);
  await wire.expectBytes('+OK POP3 ready\r\n-ERR no\r\n');
  return auth.requests[0]?.raw.toString('latin1').split('\r\n') ?? [];
}

describe('the auth request', { concurrency: 2 }, () => {
  for (const [url, line] of [
    ['$AT', 'GET / HTTP/1.0'],
    ['http://$AT', 'GET / HTTP/1.0'],
    ['http://$AT/auth?x=1&y=%20', 'GET /auth?x=1&y=%20 HTTP/1.0'],
    ['$AT?x=1', 'GET ?x=1 HTTP/1.0'],
    ['"$AT/with space"', 'GET /with space HTTP/1.0'],
  ] as const) {
    test(`to ${url}`, async (t) => {
      let host = '';
      const lines = await requestOf(t, (auth) => {
        host = auth.host;
        return `auth_http ${url.replace('$AT', `${auth.host}:${auth.port}`)};`;
      });
      assert.deepEqual(lines.slice(0, 2), [line, `Host: ${host}`]);
    });
  }

  test('to a unix socket', async (t) => {
    const scope = new Cleanup();
    t.after(() => scope.run());
    const path = join(temporaryFolder(scope, 'auth'), 'auth.sock');
    const server = createServer({ allowHalfOpen: true });
    const auth = new FakeAuth(server, 'localhost', 0, () => refuse('no'));
    await event(server.listen(path), 'listening');
    scope.after(() => auth.close());
    const lines = await requestOf(t, () => `auth_http unix:${path}:/auth;`, '', auth);
    assert.deepEqual(lines.slice(0, 2), ['GET /auth HTTP/1.0', 'Host: localhost']);
  });

  test('with headers of its own, in their order, in place of those of the level above; the last URL counts', async (t) => {
    const mail = 'auth_http 127.0.0.1:9; auth_http_header X-Outer gone;';
    const lines = await requestOf(
      t,
      (auth) =>
        `auth_http 127.0.0.1:9; auth_http_header X-B "two words"; auth_http ${auth.url}; auth_http_header X-A "\xff";`,
      mail,
    );
    assert.deepEqual(lines.slice(-4), ['X-B: two words', 'X-A: \xff', '', '']);
    assert.equal(
      lines.some((line) => line.startsWith('X-Outer')),
      false,
    );
  });
});
