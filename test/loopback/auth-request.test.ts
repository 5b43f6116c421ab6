// How auth_http and auth_http_header make the request: URL forms, the Host line, a unix socket, inheritance.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { saslPlain } from '../support/bytes.ts';
import { Cleanup, type Scope } from '../support/cleanup.ts';
import { FakeAuth, refuse, startAuth } from '../support/fake-auth.ts';
import { event } from '../support/in-time.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/tmp.ts';

/** The directives of a server, and what it may ask. */
interface Site {
  readonly auth: FakeAuth;
  readonly conf: string;
}

const URLS = [
  ['$AT', 'GET / HTTP/1.0'],
  ['http://$AT', 'GET / HTTP/1.0'],
  ['http://$AT/auth?x=1&y=%20', 'GET /auth?x=1&y=%20 HTTP/1.0'],
  ['$AT?x=1', 'GET ?x=1 HTTP/1.0'],
  ['"$AT/with space"', 'GET /with space HTTP/1.0'],
] as const;
const OUTER = 'auth_http 127.0.0.1:9; auth_http_header X-Outer gone;';

const startRefusing = (scope: Scope): Promise<FakeAuth> => startAuth(scope, () => refuse('no'));

async function startAtSocket(scope: Scope): Promise<Site> {
  const path = join(temporaryFolder(scope, 'auth'), 'auth.sock');
  const server = createServer({ allowHalfOpen: true });
  const auth = new FakeAuth(server, 'localhost', 0, () => refuse('no'));
  await event(server.listen(path), 'listening');
  scope.after(() => auth.close());
  return { auth, conf: `auth_http unix:${path}:/auth;` };
}

/** One process with a POP3 server for each of them. */
async function startSites(scope: Scope): Promise<{ server: MailServer; sites: ReadonlyMap<string, Site> }> {
  const sites = new Map<string, Site>();
  for (const [i, [url]] of URLS.entries()) {
    const auth = await startRefusing(scope);
    sites.set(`url${i}`, { auth, conf: `auth_http ${url.replace('$AT', `${auth.host}:${auth.port}`)};` });
  }
  sites.set('unix', await startAtSocket(scope));
  const auth = await startRefusing(scope);
  const headers = `auth_http_header X-B "two words"; auth_http ${auth.url}; auth_http_header X-A "\xff";`;
  sites.set('headers', { auth, conf: `auth_http 127.0.0.1:9; ${headers}` });
  const servers = [...sites].map(([name, { conf }]) => `server { listen @${name}@; protocol pop3; ${conf} }`);
  return { server: await startServer(scope, { config: `mail { ${OUTER} ${servers.join('\n')} }` }), sites };
}

describe('the auth request', () => {
  const scope = new Cleanup();
  let all: Awaited<ReturnType<typeof startSites>>;
  before(async () => {
    all = await startSites(scope);
  });
  after(() => scope.run());

  /** Logs in to the server of that name; the auth server refuses. @returns the lines of the request */
  async function requestOf(name: string): Promise<string[]> {
    const wire = await all.server.connect(name);
    scope.after(() => wire.destroy());
    await wire.send(`AUTH PLAIN ${saslPlain('u', 'p')}\r\n`);
    await wire.expectBytes('+OK POP3 ready\r\n-ERR no\r\n');
    return all.sites.get(name)?.auth.requests[0]?.raw.toString('latin1').split('\r\n') ?? [];
  }

  for (const [i, [url, line]] of URLS.entries()) {
    test(`to ${url}`, async () => {
      const lines = await requestOf(`url${i}`);
      assert.deepEqual(lines.slice(0, 2), [line, `Host: ${all.sites.get(`url${i}`)?.auth.host}`]);
    });
  }

  test('to a unix socket', async () => {
    const lines = await requestOf('unix');
    assert.deepEqual(lines.slice(0, 2), ['GET /auth HTTP/1.0', 'Host: localhost']);
  });

  test('with headers of its own, in their order, in place of those of the level above; the last URL counts', async () => {
    const lines = await requestOf('headers');
    assert.deepEqual(lines.slice(-4), ['X-B: two words', 'X-A: \xff', '', '']);
    assert.equal(
      lines.some((line) => line.startsWith('X-Outer')),
      false,
    );
  });
});
