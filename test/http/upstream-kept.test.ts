// Connections to backends that stay open: for how long, for how many requests, and what must not be mixed up on them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { okAnswer, startFastcgi } from '../support/fastcgi-backend.ts';
import { ok, startHttpBackend } from '../support/http-backend.ts';
import { ask } from '../support/http-exchange.ts';
import { type MailServer, startServer } from '../support/server.ts';

async function bodies(server: MailServer, ...targets: readonly string[]): Promise<string> {
  const all: string[] = [];
  for (const target of targets) {
    const answer = await ask(server, 'http', { target });
    assert.ok(answer !== 'nothing');
    all.push(/(?:^|\r\n)(c\d)/.exec(answer.body)?.[1] ?? `${answer.status}`);
  }
  return all.join(' ');
}

test('FastCGI: keepalive_timeout and keepalive_requests of the upstream hold', async (t) => {
  const app = await startFastcgi(t, ({ connection }) => okAnswer(`c${connection}`));
  const server = await startServer(t, {
    config: `http { access_log off; fastcgi_keep_conn on;
      upstream twice { server ${app.at}; keepalive 4; keepalive_requests 2; }
      upstream aged { server ${app.at}; keepalive 4; keepalive_timeout 1ms; }
      server { listen @http@; location /twice { fastcgi_pass twice; } location /aged { fastcgi_pass aged; } } }`,
  });
  assert.equal(await bodies(server, '/twice', '/twice', '/twice'), 'c0 c0 c1');
  assert.equal(await bodies(server, '/aged'), 'c2');
  await (await app.server.peer(2)).closed();
  assert.equal(await bodies(server, '/aged'), 'c3');
});

const ENDS: readonly (readonly [name: string, answer: string, stays: boolean])[] = [
  ['a length', ok('c0'), true],
  ['pieces', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nc0\r\n0\r\n\r\n', true],
  ['no content', 'HTTP/1.1 204 No Content\r\n\r\n', true],
  ['interim ones before it', `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n${ok('c0')}`, true],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nc0', false],
  ['HTTP/1.0 that would stay', 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nc0', false],
  ['another answer behind it', `${ok('c0')}${ok('c9')}`, false],
  ['bytes behind it', `${ok('c0')}garbage`, false],
];

for (const [name, answer, stays] of ENDS) {
  test(`an answer with ${name} ${stays ? 'leaves the connection open' : 'ends the connection'}`, async (t) => {
    const backend = await startHttpBackend(t, ({ connection }) => (connection === 0 ? answer : ok(`c${connection}`)));
    const server = await startServer(t, {
      config: `http { access_log off; server { listen @http@; location / { proxy_pass http://${backend.at}; } } }`,
    });
    const first = name === 'no content' ? '204' : 'c0';
    assert.equal(await bodies(server, '/', '/'), `${first} ${stays ? first : 'c1'}`);
    assert.doesNotMatch(server.log.text(), /\[(?:alert|crit)\]/);
  });
}

test('a change of protocols that a backend agrees to is a 502', async (t) => {
  const agreed = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nframes';
  const backend = await startHttpBackend(t, () => agreed);
  const server = await startServer(t, {
    config: `http { access_log off; server { listen @http@; location / { proxy_pass http://${backend.at};
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; } } }`,
  });
  const answer = await ask(server, 'http', { target: '/', headers: ['Upgrade: websocket'] });
  assert.ok(answer !== 'nothing' && answer.status === 502);
  await server.waitLog(
    /\[error\] .* upstream switched protocols, which is not passed on while reading response header/,
  );
});

test('HEAD has no body whatever its length says, and the connection serves the next request', async (t) => {
  const backend = await startHttpBackend(t, ({ line, connection }) =>
    line.startsWith('HEAD') ? 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n' : ok(`c${connection}`),
  );
  const server = await startServer(t, {
    config: `http { access_log off; server { listen @http@; location / { proxy_pass http://${backend.at}; }
      location /get { proxy_method HEAD; proxy_pass http://${backend.at}; } } }`,
  });
  const head = await ask(server, 'http', { target: '/', method: 'HEAD' });
  assert.ok(head !== 'nothing' && head.fields.includes('Content-Length: 10'));
  assert.equal(await bodies(server, '/', '/'), 'c0 c0');
});

test('an answer before the body has been taken is passed on, and ends the connection', async (t) => {
  const large = 4_000_000;
  const early = 'HTTP/1.1 413 Too much\r\nContent-Length: 2\r\n\r\nno';
  const backend = await startHttpBackend(t, () => 'hang');
  backend.server.script = async (peer, connection) => {
    await peer.match(/^[\s\S]*?\r\n\r\n/);
    await peer.send(connection === 0 ? early : ok('c1'));
    if (connection === 0) await peer.closed(60_000);
  };
  const server = await startServer(t, {
    config: `http { access_log off; client_max_body_size 0; server { listen @http@;
      location / { proxy_pass http://${backend.at}; } } }`,
  });
  const headers = [`Content-Length: ${large}`, '', 'x'.repeat(large)];
  const answer = await ask(server, 'http', { target: '/', method: 'POST', headers });
  assert.ok(answer !== 'nothing' && answer.status === 413 && answer.body === 'no');
  assert.equal(await bodies(server, '/'), 'c1');
});
