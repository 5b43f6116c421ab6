// Names of backends that are looked up while the server runs: by variables, and by `resolve` in an upstream.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { FakeDns } from '../support/fake-dns.ts';
import { okAnswer, startFastcgi } from '../support/fastcgi-backend.ts';
import { ok, startHttpBackend } from '../support/http-backend.ts';
import { ask } from '../support/http-exchange.ts';
import { ownAddress } from '../support/ports.ts';
import { type MailServer, startServer } from '../support/server.ts';

async function startDns(t: TestContext): Promise<FakeDns> {
  const dns = await FakeDns.start();
  t.after(() => dns.close());
  return dns;
}

const address = (data: string, ttl = 1, name = 'back.example') => ({ type: 'A', name, data, ttl }) as const;

async function bodyOf(server: MailServer, target: string): Promise<string> {
  const answer = await ask(server, 'http', { target });
  assert.ok(answer !== 'nothing');
  return answer.status === 200 ? answer.body : String(answer.status);
}

/** Two backends on the same port of different addresses. */
async function startTwo(t: TestContext) {
  const one = await startHttpBackend(t, () => ok('one'));
  const other = `127.77.${process.pid & 255}.${1 + ((process.pid >> 8) % 250)}`;
  const { port } = one.server;
  const two = await startHttpBackend(t, () => ok('two'), { host: other, port });
  return { port, hosts: [one.server.host, two.server.host] as const };
}

/** Asks until the answer is another one: an address is good for whole seconds. */
async function askUntil(server: MailServer, target: string, wanted: string): Promise<void> {
  const end = Date.now() + 20_000;
  while ((await bodyOf(server, target)) !== wanted) assert.ok(Date.now() < end, `no ${wanted} in time`);
}

test('a name in a variable is looked up again when its time is over', async (t) => {
  const dns = await startDns(t);
  const { port, hosts } = await startTwo(t);
  dns.script('back.example', 'A', { answers: [address(hosts[0])] });
  const server = await startServer(t, {
    config: `http { access_log off; resolver 127.0.0.1:${dns.port} ipv6=off; server { listen @http@;
      location / { set $to back.example; proxy_pass http://$to:${port}; } } }`,
  });
  assert.deepEqual([await bodyOf(server, '/'), await bodyOf(server, '/')], ['one', 'one']);
  dns.script('back.example', 'A', { answers: [address(hosts[1])] });
  await askUntil(server, '/', 'two');
});

test('resolver valid= keeps an answer whatever its time is', async (t) => {
  const dns = await startDns(t);
  const { port, hosts } = await startTwo(t);
  dns.script('back.example', 'A', { answers: [address(hosts[0], 0)] });
  const server = await startServer(t, {
    config: `http { access_log off; resolver 127.0.0.1:${dns.port} ipv6=off valid=1h; server { listen @http@;
      location / { set $to back.example; proxy_pass http://$to:${port}; } } }`,
  });
  for (let i = 0; i < 5; i++) assert.equal(await bodyOf(server, '/'), 'one');
  assert.equal(dns.queries.length, 1);
});

test('a server with resolve: found at the first request, followed, and kept while the name server is silent', async (t) => {
  const dns = await startDns(t);
  const { port, hosts } = await startTwo(t);
  dns.script('back.example', 'A', { rcode: 3 });
  const server = await startServer(t, {
    config: `http { access_log off; resolver 127.0.0.1:${dns.port} ipv6=off; resolver_timeout 2s;
      upstream u { zone u 64k; server back.example:${port} resolve; }
      server { listen @http@; location / { proxy_pass http://u; } } }`,
  });
  assert.equal(await bodyOf(server, '/'), '502');
  await server.waitLog(/back\.example could not be resolved \(3: Host not found\)/);
  await server.waitLog(/no live upstreams while connecting to upstream, .*upstream: "http:\/\/u\/"/);
  dns.script('back.example', 'A', { answers: [address(hosts[0])] });
  await askUntil(server, '/', 'one');
  dns.script('back.example', 'A', { answers: [address(hosts[1])] });
  await askUntil(server, '/', 'two');
  dns.script('back.example', 'A', { drop: true });
  const seen = server.log.text().length;
  while (!/could not be resolved \(110/.test(server.log.text().slice(seen)))
    assert.equal(await bodyOf(server, '/'), 'two');
  for (let i = 0; i < 5; i++) assert.equal(await bodyOf(server, '/'), 'two');
  const failures =
    server.log
      .text()
      .slice(seen)
      .match(/could not be resolved/g) ?? [];
  assert.equal(failures.length, 1, 'nobody asks again at once');
});

test('a name with several addresses is several servers, and one that stays keeps its failures', async (t) => {
  const dns = await startDns(t);
  const { port, hosts } = await startTwo(t);
  const dead = '127.78.0.1';
  dns.script('back.example', 'A', { answers: [address(hosts[0]), address(dead)] });
  const server = await startServer(t, {
    config: `http { access_log off; resolver 127.0.0.1:${dns.port} ipv6=off;
      upstream u { zone u 64k; server back.example:${port} resolve max_fails=1 fail_timeout=1h; }
      server { listen @http@; location / { proxy_pass http://u; } } }`,
  });
  for (let i = 0; i < 4; i++) assert.equal(await bodyOf(server, '/'), 'one');
  dns.script('back.example', 'A', { answers: [address(hosts[1]), address(dead)] });
  await askUntil(server, '/', 'two');
  for (let i = 0; i < 4; i++) assert.equal(await bodyOf(server, '/'), 'two');
  assert.equal(server.log.text().match(/connect\(\) failed/g)?.length, 1);
});

test('fastcgi_pass: a name in a variable', async (t) => {
  const dns = await startDns(t);
  const app = await startFastcgi(t, () => okAnswer('php'));
  dns.script('back.example', 'A', { answers: [address(ownAddress(), 60)] });
  const server = await startServer(t, {
    config: `http { access_log off; resolver 127.0.0.1:${dns.port} ipv6=off; server { listen @http@;
      location / { set $to back.example; fastcgi_pass $to:${app.server.port}; } } }`,
  });
  assert.match(await bodyOf(server, '/'), /php/);
});
