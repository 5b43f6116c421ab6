// Backends that fail: what the client gets, who is asked next, and what the logs say.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type BackendReply, ok, startHttpBackend } from '../support/http-backend.ts';
import { ask } from '../support/http-exchange.ts';
import { LogFile } from '../support/log-file.ts';
import { freePort, ownAddress } from '../support/ports.ts';
import { type MailServer, startServer } from '../support/server.ts';

/** `addr|status|` of each that was asked, and whether the times are there. */
const FORMAT = `log_format up '$status|$upstream_addr|$upstream_status|$upstream_response_length|$upstream_http_x_foo';
  access_log access.log up;`;

const accessLog = (server: MailServer): LogFile => new LogFile(join(server.dir, 'access.log'));
const deadAddress = async (): Promise<string> => `${ownAddress()}:${await freePort(ownAddress())}`;
const status = async (server: MailServer, target = '/', method = 'GET'): Promise<number> => {
  const answer = await ask(server, 'http', { target, method, headers: method === 'POST' ? ['Content-Length: 0'] : [] });
  assert.ok(answer !== 'nothing');
  return answer.status;
};

const BROKEN: readonly (readonly [name: string, reply: BackendReply, status: number, log: string])[] = [
  ['a close', 'close', 502, 'upstream prematurely closed connection while reading response header from upstream'],
  [
    'a reset',
    'reset',
    502,
    'recv() failed (104: Connection reset by peer) while reading response header from upstream',
  ],
  [
    'silence',
    'hang',
    504,
    'upstream timed out (110: Connection timed out) while reading response header from upstream',
  ],
  [
    'half a head',
    'HTTP/1.1 200 OK\r\nContent-Le\r\nConnection: close\r',
    502,
    'upstream sent invalid header while reading response header from upstream',
  ],
  [
    'no HTTP',
    'garbage\r\nConnection: close\r\n\r\n',
    502,
    'upstream sent no valid HTTP/1.0 header while reading response header from upstream',
  ],
  [
    'a name with a space',
    'HTTP/1.1 200 OK\r\nBad Header: x\r\nConnection: close\r\n\r\n',
    502,
    'upstream sent invalid header while reading response header from upstream',
  ],
  [
    'another protocol',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
    502,
    'upstream switched protocols, which is not passed on while reading response header from upstream',
  ],
  [
    'interim answers without end',
    `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`,
    502,
    'upstream sent invalid header while reading response header from upstream',
  ],
  [
    'a large head',
    `HTTP/1.1 200 OK\r\nA: ${'a'.repeat(5000)}\r\nConnection: close\r\n\r\n`,
    502,
    'upstream sent too big header while reading response header from upstream',
  ],
];

for (const [name, reply, expected, log] of BROKEN) {
  test(`a backend's answer that is none: ${name}`, async (t) => {
    const backend = await startHttpBackend(t, () => reply);
    const config = `http { ${FORMAT} server { listen @http@; server_name s;
      location / { proxy_read_timeout 300ms; proxy_pass http://${backend.at}; } } }`;
    const server = await startServer(t, { config });
    assert.equal(await status(server, '/x?y'), expected);
    const line = await server.waitLog(/\[error\].*/);
    const suffix =
      `, client: 127.0.0.1, server: s, request: "GET /x?y HTTP/1.1", ` +
      `upstream: "http://${backend.at}/x?y", host: "localhost"`;
    assert.ok(line[0].endsWith(`${log}${suffix}`), line[0]);
    await accessLog(server).wait(new RegExp(`^${expected}\\|${backend.at}\\|${expected}\\|0\\|-$`, 'm'));
  });
}

test('nobody listens: TCP and a unix socket', async (t) => {
  const dead = await deadAddress();
  const config = `http { access_log off; server { listen @http@; server_name s;
    location / { proxy_pass http://${dead}; } location /unix { proxy_pass http://unix:@DIR@/none; } } }`;
  const server = await startServer(t, { config, allow: /connect\(\) to unix/ });
  assert.equal(await status(server), 502);
  await server.waitLog(
    /\[error\] .* connect\(\) failed \(111: Connection refused\) while connecting to upstream, client/,
  );
  assert.equal(await status(server, '/unix'), 502);
  await server.waitLog(
    /\[crit\] .* connect\(\) to unix:\S+\/none failed \(2: No such file or directory\) while connecting to upstream, .*"http:\/\/unix:\S+\/none:\/unix"/,
  );
});

test('an address of ours that cannot be had: nobody else is asked, and nobody is to blame', async (t) => {
  const backends = [await startHttpBackend(t, () => ok('a')), await startHttpBackend(t, () => ok('b'))];
  const config = `http { ${FORMAT} upstream u { ${backends.map(({ at }) => `server ${at};`).join(' ')} }
    server { listen @http@; location / { proxy_pass http://u; }
      location /none { proxy_pass http://u; proxy_bind 192.0.2.1; } } }`;
  const server = await startServer(t, { config, allow: /bind\(192\.0\.2\.1\) failed/ });
  for (let i = 0; i < 2; i++) assert.equal(await status(server, '/none'), 500);
  for (let i = 0; i < 2; i++) assert.equal(await status(server), 200);
  const text = await accessLog(server).wait(/(?:.*\n){4}/);
  assert.deepEqual(text[0].split('\n').slice(0, 2), ['500||-|0|-', '500||-|0|-']);
  const log = server.log.text();
  const record =
    'bind\\(192\\.0\\.2\\.1\\) failed \\(99: Cannot assign requested address\\) while connecting to upstream';
  assert.equal(log.match(new RegExp(`\\[crit\\] .* ${record}, client`, 'g'))?.length, 2);
  assert.doesNotMatch(log, /temporarily disabled/);
});

test('an answer that is cut short cuts the client off, and the log says why', async (t) => {
  const backend = await startHttpBackend(t, ({ line }) => {
    if (line.includes('/stops')) return 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc';
    return 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nabc';
  });
  const config = `http { access_log off; server { listen @http@;
    location / { proxy_read_timeout 300ms; proxy_pass http://${backend.at}; } } }`;
  const server = await startServer(t, { config });
  const get = async (target: string): Promise<string> => {
    const wire = await server.connect('http');
    await wire.send(`GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`);
    return (await wire.rest()).toString('latin1');
  };
  assert.match(await get('/short'), /Content-Length: 10\r\n[\s\S]*\r\n\r\nabc$/);
  await server.waitLog(/upstream prematurely closed connection while reading upstream, client/);
  assert.match(await get('/stops'), /Content-Length: 10\r\n[\s\S]*\r\n\r\nabc$/);
  await server.waitLog(/upstream timed out \(110: Connection timed out\) while reading upstream, client/);
});

test('the next server is asked, and one that failed is left out', async (t) => {
  const dead = await deadAddress();
  const backend = await startHttpBackend(t, () => ok('hi', 'X-Foo: bar'));
  const config = `http { ${FORMAT} upstream u { server ${dead}; server ${backend.at}; }
    server { listen @http@; location / { proxy_pass http://u; } } }`;
  const server = await startServer(t, { config });
  for (let i = 0; i < 3; i++) assert.equal(await status(server), 200);
  const text = await accessLog(server).wait(/(?:.*\n){3}/);
  assert.deepEqual(text[0].trimEnd().split('\n'), [
    `200|${dead}, ${backend.at}|502, 200|0, 2|bar`,
    `200|${backend.at}|200|2|bar`,
    `200|${backend.at}|200|2|bar`,
  ]);
  const log = server.log.text();
  assert.match(log, /\[warn\] .* upstream server temporarily disabled while connecting to upstream, client/);
  assert.equal(log.match(/\[error\]/g)?.length, 1);
});

test('no live upstreams, and backup servers before that', async (t) => {
  const [one, two] = [await deadAddress(), await deadAddress()];
  const backend = await startHttpBackend(t, () => ok('hi'));
  const config = `http { ${FORMAT}
    upstream dead { server ${one}; server ${two}; }
    upstream spare { server ${one}; server ${backend.at} backup; }
    upstream none { server ${one} down; server ${two} down; }
    server { listen @http@;
      location /dead { proxy_pass http://dead; } location /spare { proxy_pass http://spare; }
      location /none { proxy_pass http://none; } } }`;
  const server = await startServer(t, { config });
  assert.deepEqual([await status(server, '/dead'), await status(server, '/dead')], [502, 502]);
  await server.waitLog(/no live upstreams while connecting to upstream, .* upstream: "http:\/\/dead\/dead"/);
  assert.deepEqual([await status(server, '/spare'), await status(server, '/none')], [200, 502]);
  const text = await accessLog(server).wait(/(?:.*\n){4}/);
  assert.deepEqual(text[0].trimEnd().split('\n'), [
    `502|${one}, ${two}|502, 502|0, 0|-`,
    '502|dead|502|0|-',
    `200|${one}, ${backend.at}|502, 200|0, 2|-`,
    '502|none|502|0|-',
  ]);
});

test('proxy_next_upstream: statuses, tries, and requests that may not be repeated', async (t) => {
  const bad = await startHttpBackend(t, () => 'HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy');
  const good = await startHttpBackend(t, () => ok('hi'));
  const config = `http { access_log off;
    upstream u { server ${bad.at} max_fails=0 weight=1000; server ${good.at}; }
    server { listen @http@;
      location / { proxy_next_upstream error http_503; proxy_pass http://u; }
      location /default { proxy_pass http://u; }
      location /once { proxy_next_upstream http_503; proxy_next_upstream_tries 1; proxy_pass http://u; }
      location /all { proxy_next_upstream http_503 non_idempotent; proxy_pass http://u; } } }`;
  const server = await startServer(t, { config });
  assert.equal(await status(server, '/'), 200);
  assert.equal(await status(server, '/default'), 503);
  assert.equal(await status(server, '/once'), 503);
  assert.equal(await status(server, '/', 'POST'), 503);
  assert.equal(await status(server, '/all', 'POST'), 200);
});

test('connections are kept, each for its location, and no longer than the rules say', async (t) => {
  const backend = await startHttpBackend(t, ({ connection }) => ok(String(connection)));
  const config = `http { access_log off;
    upstream shared { server ${backend.at}; keepalive 4; }
    upstream twice { server ${backend.at}; keepalive 4; keepalive_requests 2; }
    upstream aged { server ${backend.at}; keepalive 4; keepalive_timeout 1ms; }
    server { listen @http@;
      location /own { proxy_pass http://${backend.at}; } location /other { proxy_pass http://${backend.at}; }
      location /a { proxy_pass http://shared; } location /b { proxy_pass http://shared; }
      location /twice { proxy_pass http://twice; }
      location /aged { proxy_pass http://aged; }
      location /old { proxy_http_version 1.0; proxy_pass http://${backend.at}; } } }`;
  const server = await startServer(t, { config });
  const connection = async (target: string): Promise<string> => {
    const answer = await ask(server, 'http', { target });
    assert.ok(answer !== 'nothing');
    return answer.body;
  };
  const used = async (...targets: string[]): Promise<string> => {
    const all: string[] = [];
    for (const target of targets) all.push(await connection(target));
    return all.join(' ');
  };
  assert.equal(await used('/own', '/own', '/other', '/own'), '0 0 1 0');
  assert.equal(await used('/a', '/b', '/a'), '2 2 2');
  assert.equal(await used('/twice', '/twice', '/twice'), '3 3 4');
  assert.equal(await used('/old', '/old'), '5 6');
  assert.equal(await used('/aged'), '7');
  await (await backend.server.peer(7)).closed();
  assert.equal(await used('/aged'), '8');
});

test('a kept connection that the backend has closed costs nothing', async (t) => {
  let closes = true;
  const backend = await startHttpBackend(t, ({ connection }) => {
    if (connection === 0 && !closes) return 'close'; // as it would if it had closed a moment before
    closes = false;
    return ok(String(connection));
  });
  const config = `http { access_log off; server { listen @http@; location / { proxy_pass http://${backend.at}; } } }`;
  const server = await startServer(t, { config });
  const bodies: string[] = [];
  for (let i = 0; i < 2; i++) {
    const answer = await ask(server, 'http', { target: '/' });
    assert.ok(answer !== 'nothing');
    bodies.push(answer.body);
  }
  assert.deepEqual(bodies, ['0', '1']);
});

for (const how of ['end', 'reset'] as const) {
  test(`a client that goes away takes the request to the backend with it: ${how}`, async (t) => {
    const backend = await startHttpBackend(t, () => 'hang');
    const config = `http { ${FORMAT} server { listen @http@; location / { proxy_pass http://${backend.at}; } } }`;
    const server = await startServer(t, { config });
    const wire = await server.connect('http');
    await wire.send('GET /slow HTTP/1.1\r\nHost: h\r\n\r\n');
    const peer = await backend.server.peer(0);
    await backend.request(0);
    wire[how]();
    await peer.closed();
    await accessLog(server).wait(new RegExp(`^499\\|${backend.at}\\|-\\|0\\|-$`, 'm'));
    await server.waitLog(
      /\[info\] .*client prematurely closed connection, so upstream connection is closed too while sending request to upstream/,
    );
  });
}

test('proxy_ignore_client_abort: the backend is heard to its end', async (t) => {
  const backend = await startHttpBackend(t, () => 'hang');
  const config = `http { ${FORMAT} server { listen @http@;
    location / { proxy_ignore_client_abort on; proxy_read_timeout 300ms; proxy_pass http://${backend.at}; } } }`;
  const server = await startServer(t, { config });
  const wire = await server.connect('http');
  await wire.send('GET /slow HTTP/1.1\r\nHost: h\r\n\r\n');
  await backend.request(0);
  wire.reset();
  await server.waitLog(/upstream timed out/);
});
