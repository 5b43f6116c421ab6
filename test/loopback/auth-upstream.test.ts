// auth_http that names an upstream, or a name with several addresses: who is asked, and who is asked next.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { Cleanup, type Scope } from '../support/cleanup.ts';
import { type AuthScript, type FakeAuth, listen, refuse, startAuth } from '../support/fake-auth.ts';
import { FakeDns } from '../support/fake-dns.ts';
import { event, PATIENCE_MS } from '../support/in-time.ts';
import { ownAddress } from '../support/ports.ts';
import { startSecureAuth } from '../support/secure-auth.ts';
import { CERTS, pem } from '../support/tls.ts';
import { named, type SiteOptions, sendTo, startSite } from '../support/upstream-site.ts';

const INTERNAL = '-ERR internal server error';
const ELSEWHERE = { host: ownAddress(1) };
/** Another one that is nobody else's. */
const OTHER = ownAddress(1).replace(/^127\.\d+/, '127.99');
/** Takes the question, and never answers. */
const hung: AuthScript = () => new Promise(() => {});
const good = sendTo();
const says =
  (bytes: string): AuthScript =>
  () => ({ bytes, ending: 'close' });

/** Auth servers, `$0`, `$1`, … in the directives, and a mail server before one backend. */
async function site(t: TestContext, scripts: readonly AuthScript[], mail: string, more: Partial<SiteOptions> = {}) {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const auths: FakeAuth[] = [];
  for (const script of scripts) auths.push(await startAuth(scope, script, ELSEWHERE));
  const address = (text: string): string =>
    text.replaceAll(/\$(\d)/g, (_, i: string) => `${auths[Number(i)]?.host}:${auths[Number(i)]?.port}`);
  const { server = '', ...rest } = more;
  const options = { backends: [named('a')], mail: address(mail), server: `proxy_pass #0; ${server}`, ...rest };
  return { auths, ...(await startSite(scope, options)) };
}

const counts = (auths: readonly FakeAuth[]): number[] => auths.map(({ requests }) => requests.length);

describe('an upstream of auth servers', { concurrency: 8 }, () => {
  test('gets the question under its own name, each server in turn', async (t) => {
    const { visit, auths } = await site(
      t,
      [good, good, good],
      'auth_http http://Auths/in?x; upstream auths { server $0 weight=2; server $1; server $2 down; }',
    );
    for (let i = 0; i < 6; i++) assert.equal(await visit(`u${i}`), '+OK a');
    assert.deepEqual(counts(auths), [4, 2, 0]);
    const [request] = auths[0]?.requests ?? [];
    assert.equal(request?.requestLine, 'GET /in?x HTTP/1.0');
    assert.equal(request?.header('Host'), 'Auths');
    assert.equal(request?.header('Auth-Pass'), 'secret');
  });

  test('one of three is killed and one hangs: everybody gets in', async (t) => {
    const { visit, auths, server } = await site(
      t,
      [good, hung, good],
      `auth_http http://auths; auth_http_timeout 5s;
      upstream auths { zone auths 64k; server $0 fail_timeout=600s; server $1 fail_timeout=600s; server $2; }`,
    );
    auths[0]?.close();
    const replies = await Promise.all(Array.from({ length: 12 }, (_, i) => visit(`u${i}`)));
    assert.deepEqual(new Set(replies), new Set(['+OK a']));
    const before = counts(auths);
    for (let i = 0; i < 6; i++) assert.equal(await visit(`v${i}`), '+OK a');
    assert.deepEqual(counts(auths), [0, before[1], (before[2] ?? 0) + 6], 'neither is asked again');
    const log = server.log.text();
    const [dead, slow] = auths.map(({ host, port }) => `${host}:${port}`);
    assert.ok(log.includes(`recv() failed (111: Connection refused) while asking auth http server ${dead}, client:`));
    assert.ok(log.includes(`auth http server ${slow} timed out (110: Connection timed out) while asking auth http`));
    assert.match(log, /\[warn\] .*upstream server temporarily disabled while asking auth http server/);
  });

  test('a server that closes early is passed over, and the same bytes are asked', async (t) => {
    const { visit, auths, server } = await site(
      t,
      [says('HTTP/1.0 200 OK\r\nAuth-Status: OK\r\nAuth-User: other\r\n'), good],
      'auth_http http://auths; upstream auths { server $0; server $1; }',
    );
    assert.equal(await visit('u'), '+OK a');
    const [first, second] = auths.map(({ requests }) => requests[0]?.raw.toString());
    assert.ok(first);
    assert.equal(second, first);
    assert.match(server.log.text(), /\[error\] .*auth http server \S+ prematurely closed connection while asking/);
    assert.match(server.log.text(), /client logged in, .*login: "u"/);
  });

  test('a backup is asked where all others fail', async (t) => {
    const { visit, auths } = await site(
      t,
      [good, good],
      'auth_http http://auths; upstream auths { server $0; server $1 backup; server 127.0.0.1:1 weight=1; }',
    );
    assert.equal(await visit('u1'), '+OK a');
    auths[0]?.close();
    for (let i = 0; i < 3; i++) assert.equal(await visit(`u2${i}`), '+OK a');
    assert.ok((auths[1]?.requests.length ?? 0) > 0);
  });

  test('a refusal is an answer', async (t) => {
    const { visit, auths } = await site(
      t,
      [() => refuse('no'), () => refuse('no')],
      'auth_http http://auths; upstream auths { server $0; server $1; }',
    );
    assert.equal(await visit('u'), '-ERR no');
    assert.deepEqual(counts(auths), [1, 0]);
  });

  const busy = says('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n');
  const page = says('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nwelcome');
  const garbage = says('220 mail.example ESMTP\r\n');
  const cases = [
    { name: 'a status that counts', next: 'http_503', first: busy, reply: '+OK a', asked: [1, 1] },
    { name: 'a status that does not count', next: 'http_502 error', first: busy, reply: INTERNAL, asked: [1, 0] },
    { name: 'a page', next: 'invalid_response', first: page, reply: '+OK a', asked: [1, 1] },
    { name: 'what is no HTTP', next: 'invalid_response', first: garbage, reply: '+OK a', asked: [1, 1] },
    { name: 'what is no HTTP, by default', next: 'error timeout', first: garbage, reply: INTERNAL, asked: [1, 0] },
    {
      name: 'an early end where that does not count',
      next: 'timeout',
      first: says(''),
      reply: INTERNAL,
      asked: [1, 0],
    },
    { name: 'an early end where nothing counts', next: 'off', first: says(''), reply: INTERNAL, asked: [1, 0] },
    { name: 'a refusal with a status', next: 'http_429', first: tooMany(), reply: '+OK a', asked: [1, 1] },
  ];
  for (const { name, next, first, reply, asked } of cases) {
    test(`auth_http_next_upstream ${next}: ${name}`, async (t) => {
      const { visit, auths } = await site(
        t,
        [first, good],
        `auth_http http://auths; auth_http_next_upstream ${next}; upstream auths { server $0; server $1; }`,
      );
      assert.equal(await visit('u'), reply);
      assert.deepEqual(counts(auths), asked);
    });
  }

  for (const [size, reply] of [
    ['4k', '+OK a'],
    ['1k', INTERNAL],
  ] as const) {
    test(`auth_http_buffer ${size} is for the answers of a group, too`, async (t) => {
      const long = says(`HTTP/1.0 200 OK\r\nAuth-Status: OK\r\nX-Token: ${'t'.repeat(3000)}\r\n\r\n`);
      const { visit } = await site(
        t,
        [long],
        `auth_http http://auths; auth_http_buffer ${size}; upstream auths { server $0; }`,
      );
      assert.equal(await visit('u'), reply);
    });
  }

  test('auth_http_next_upstream_tries', async (t) => {
    const { visit, auths } = await site(
      t,
      [says(''), says(''), good],
      `auth_http http://auths; auth_http_next_upstream_tries 2;
      upstream auths { server $0 max_fails=0; server $1 max_fails=0; server $2 max_fails=0; }`,
    );
    assert.equal(await visit('u1'), INTERNAL);
    assert.deepEqual(counts(auths), [1, 1, 0]);
    assert.equal(await visit('u2'), '+OK a');
  });

  test('auth_http_next_upstream_timeout', async (t) => {
    const { visit, auths } = await site(
      t,
      [hung, hung],
      `auth_http http://auths; auth_http_timeout 2s; auth_http_next_upstream_timeout 1s;
      upstream auths { server $0; server $1; }`,
    );
    assert.equal(await visit('u1'), INTERNAL);
    assert.deepEqual(counts(auths), [1, 0]);
  });

  test('a page that counts for nothing lets nobody in', async (t) => {
    const { visit, auths, backends, server } = await site(t, [page], 'auth_http http://$0;');
    assert.equal(await visit('u'), INTERNAL);
    assert.deepEqual(counts(auths), [1]);
    assert.equal(backends[0]?.peers.length, 0);
    assert.match(server.log.text(), /auth http server \S+ did not send server or port while in http auth state/);
  });

  test('without a server that may be asked there are no live upstreams', async (t) => {
    const { visit, server } = await site(
      t,
      [],
      'auth_http http://auths; upstream auths { server 127.0.0.1:1 down; server 127.0.0.1:2 down; }',
    );
    assert.equal(await visit('u'), INTERNAL);
    assert.match(server.log.text(), /\[error\] .*no live upstreams while asking auth http server auths, client:/);
  });

  test('a server without a port has that of the scheme', async (t) => {
    const nobody = '127.200.0.1';
    const { visit, server } = await site(t, [], `auth_http http://auths; upstream auths { server ${nobody}; }`, {
      more: 'server { listen @tls@; protocol pop3; auth_http https://auths/; proxy_pass #0; }',
    });
    assert.equal(await visit('u'), INTERNAL);
    assert.equal(await visit('u', 'tls'), INTERNAL);
    const log = server.log.text();
    assert.ok(log.includes(`while asking auth http server ${nobody}:80,`));
    assert.ok(log.includes(`while asking auth http server ${nobody}:443,`));
  });

  test('the log names the server whose answer is of no use', async (t) => {
    const lost = sendTo('no such place', 143);
    const { visit, server, auths } = await site(
      t,
      [says(''), lost],
      'auth_http http://auths; upstream auths { server $0; server $1; }',
    );
    assert.equal(await visit('u'), INTERNAL);
    const by = `auth http server ${auths[1]?.host}:${auths[1]?.port} sent invalid server address:"no such place"`;
    assert.ok(server.log.text().includes(`${by} while in http auth state,`));
  });

  test('a client that goes takes its question along', async (t) => {
    const { login, auths, server } = await site(
      t,
      [says(''), hung],
      'auth_http http://auths; upstream auths { server $0; server $1; }',
    );
    const reply = login('u').catch(() => undefined);
    await auths[1]?.request(0);
    process.kill(server.pid, 'SIGTERM');
    await reply;
    await server.exited;
  });
});

function tooMany(): AuthScript {
  return says('HTTP/1.1 429 Too Many Requests\r\nAuth-Status: slow down\r\n\r\n');
}

interface Kept {
  readonly address: string;
  readonly questions: string[];
  readonly connections: Set<Socket>;
}

/** One whose connections can be kept. */
async function keptAuth(scope: Scope, host = ownAddress(1), port = 0): Promise<Kept> {
  const questions: string[] = [];
  const connections = new Set<Socket>();
  const auth: Server = createServer((question, answer) => {
    questions.push(String(question.headers['auth-user']));
    connections.add(question.socket);
    answer.writeHead(200, { 'Auth-Status': 'OK' }).end();
  });
  const actual = await listen(auth, host, port);
  scope.after(() => auth.closeAllConnections());
  scope.after(() => void auth.close());
  return { address: `${host}:${actual}`, questions, connections };
}

describe('connections to a group', { concurrency: 4 }, () => {
  const KEEP = 'auth_http_version 1.1; auth_http_keepalive 4;';

  test('are kept for each server', async (t) => {
    const scope = new Cleanup();
    t.after(() => scope.run());
    const auths = [await keptAuth(scope), await keptAuth(scope)];
    const servers = auths.map(({ address }) => `server ${address};`).join(' ');
    const { visit } = await site(t, [], `auth_http http://auths; upstream auths { ${servers} } ${KEEP}`);
    for (let i = 0; i < 6; i++) assert.equal(await visit(`u${i}`), '+OK a');
    assert.deepEqual(
      auths.map(({ questions, connections }) => [questions.length, connections.size]),
      [
        [3, 1],
        [3, 1],
      ],
    );
  });

  test('that have died meanwhile are no failure', async (t) => {
    const scope = new Cleanup();
    t.after(() => scope.run());
    const auths = [await keptAuth(scope), await keptAuth(scope)];
    const servers = auths.map(({ address }) => `server ${address} fail_timeout=600s;`).join(' ');
    const { visit, server } = await site(t, [], `auth_http http://auths; upstream auths { ${servers} } ${KEEP}`);
    for (let i = 0; i < 2; i++) assert.equal(await visit(`u${i}`), '+OK a');
    for (const { connections } of auths) for (const socket of connections) socket.resetAndDestroy();
    for (let i = 0; i < 4; i++) assert.equal(await visit(`v${i}`), '+OK a');
    assert.deepEqual(
      auths.map(({ questions }) => questions.length),
      [3, 3],
    );
    assert.doesNotMatch(server.log.text(), /disabled|\[error\]/);
  });

  test('of a name that is looked up again go with its address', async (t) => {
    const scope = new Cleanup();
    t.after(() => scope.run());
    const first = await keptAuth(scope, ownAddress(1));
    const port = Number(first.address.split(':')[1]);
    const second = await keptAuth(scope, OTHER, port);
    const dns = await FakeDns.start();
    t.after(() => dns.close());
    const point = (host: string) =>
      dns.script('auth.example.org', 'A', {
        answers: [{ type: 'A', name: 'auth.example.org', ttl: 0, data: host }],
      });
    point(ownAddress(1));
    const visitUntil = async (isSo: () => boolean): Promise<void> => {
      const end = performance.now() + PATIENCE_MS;
      while (!isSo() && performance.now() < end) assert.equal(await visit('u'), '+OK a');
      assert.ok(isSo());
    };
    const { visit, server } = await site(
      t,
      [],
      `resolver 127.0.0.1:${dns.port} ipv6=off; auth_http http://auth.example.org:${port}/in resolve; ${KEEP}`,
    );
    assert.equal(await visit('u1'), '+OK a');
    assert.equal(await visit('u2'), '+OK a');
    assert.deepEqual([first.questions.length, first.connections.size], [2, 1]);
    const [old] = first.connections;
    assert.ok(old);
    const closed = event(old, 'close', 'the end of a connection to the old address');
    point(OTHER);
    // The resolver counts in seconds: an answer is good for the one that it came in.
    await visitUntil(() => second.questions.length > 0);
    await closed;
    dns.script('auth.example.org', 'A', { rcode: 2 });
    const asked = dns.queries.length;
    // The last address stays.
    await visitUntil(() => dns.queries.length > asked);
    assert.match(server.log.text(), /auth\.example\.org could not be resolved/);
  });

  test('a name that is not known yet is no obstacle to the start', async (t) => {
    const dns = await FakeDns.start();
    t.after(() => dns.close());
    dns.script('auth.example.org', 'A', { rcode: 3 });
    const { visit, server } = await site(
      t,
      [],
      `resolver 127.0.0.1:${dns.port} ipv6=off; auth_http http://auth.example.org/ resolve;`,
    );
    assert.equal(await visit('u1'), INTERNAL);
    assert.match(server.log.text(), /no live upstreams while asking auth http server auth\.example\.org,/);
  });
});

test('an upstream over TLS: a stranger is passed over, and hears nothing', async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const stranger = await startSecureAuth(scope, undefined, {
    tls: { cert: pem('server-expired.pem'), key: pem('server-expired.key') },
  });
  const auth = await startSecureAuth(scope, undefined);
  const { visit, server } = await site(
    t,
    [],
    `auth_http https://mail.example/; auth_http_ssl_trusted_certificate ${join(CERTS, 'ca.pem')};
    upstream mail.example { server ${stranger.host}:${stranger.port}; server ${auth.host}:${auth.port}; }`,
  );
  for (let i = 0; i < 3; i++) assert.equal(await visit(`u${i}`), '+OK a');
  assert.deepEqual([stranger.questions.length, auth.questions.length], [0, 3]);
  assert.match(server.log.text(), /certificate verify error: .* while SSL handshaking to auth http server/);
  assert.match(server.log.text(), /\[warn\] .*upstream server temporarily disabled/);
});
