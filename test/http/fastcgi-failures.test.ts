// FastCGI applications that fail: what the client gets, who is asked next, and what the log says.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  answer,
  endRequest,
  type FastcgiReply,
  okAnswer,
  record,
  startFastcgi,
  stderr,
  stdout,
} from '../support/fastcgi-backend.ts';
import { ask } from '../support/http-exchange.ts';
import { LogFile } from '../support/log-file.ts';
import { freePort, ownAddress } from '../support/ports.ts';
import { type MailServer, startServer } from '../support/server.ts';

const status = async (server: MailServer, target = '/', method = 'GET'): Promise<number> => {
  const headers = method === 'POST' ? ['Content-Length: 0'] : [];
  const got = await ask(server, 'http', { target, method, headers });
  assert.ok(got !== 'nothing');
  return got.status;
};

const HEAD = 'while reading response header from upstream';
const then = (ending: 'close' | 'reset' | 'hang', ...bytes: readonly Buffer[]): FastcgiReply => ({
  bytes: Buffer.concat(bytes),
  ending,
});

const BROKEN: readonly (readonly [name: string, reply: FastcgiReply, status: number, log: string])[] = [
  ['a close', 'close', 502, `upstream prematurely closed connection ${HEAD}`],
  ['a reset', 'reset', 502, `recv() failed (104: Connection reset by peer) ${HEAD}`],
  ['silence', 'hang', 504, `upstream timed out (110: Connection timed out) ${HEAD}`],
  [
    'half a head and silence',
    then('hang', stdout('X-A: 1\r\nX')),
    504,
    `upstream timed out (110: Connection timed out) ${HEAD}`,
  ],
  ['half a head', then('close', stdout('X-A: 1\r\nX')), 502, `upstream prematurely closed connection ${HEAD}`],
  [
    'half a head, and the end of the output',
    Buffer.concat([stdout('X-A: 1\r\n'), stdout(''), endRequest()]),
    502,
    `upstream prematurely closed FastCGI stdout ${HEAD}`,
  ],
  ['no output', Buffer.concat([stdout(''), endRequest()]), 502, `upstream prematurely closed FastCGI stdout ${HEAD}`],
  ['an end at once', endRequest(), 502, `upstream sent unexpected FastCGI record: 3 ${HEAD}`],
  ['an end at once: overloaded', endRequest(0, 2), 502, `upstream sent unexpected FastCGI record: 3 ${HEAD}`],
  [
    'error output alone',
    Buffer.concat([stderr('why'), stdout(''), endRequest()]),
    502,
    `upstream prematurely closed FastCGI stdout ${HEAD}`,
  ],
  [
    'error output without end',
    Buffer.concat([...Array.from({ length: 40 }, () => stderr('e'.repeat(30_000))), okAnswer('late')]),
    502,
    `upstream sent too much to stderr ${HEAD}`,
  ],
  [
    'another version',
    Buffer.of(2, 6, 0, 1, 0, 0, 0, 0),
    502,
    `upstream sent unsupported FastCGI protocol version: 2 ${HEAD}`,
  ],
  [
    'HTTP',
    Buffer.from('HTTP/1.1 400 Bad\r\n\r\n'),
    502,
    `upstream sent unsupported FastCGI protocol version: 72 ${HEAD}`,
  ],
  ['another type', record(9, 'x'), 502, `upstream sent invalid FastCGI record type: 9 ${HEAD}`],
  ['another request', record(6, 'x', 0, 2), 502, `upstream sent unexpected FastCGI request id low byte: 2 ${HEAD}`],
  [
    'a request far off',
    record(6, 'x', 0, 256),
    502,
    `upstream sent unexpected FastCGI request id high byte: 1 ${HEAD}`,
  ],
  ['a large head', stdout(`X: ${'x'.repeat(5000)}\r\n\r\n`), 502, `upstream sent too big header ${HEAD}`],
  ['an interim status', answer('Status: 100\r\n\r\n'), 502, `upstream sent invalid status "100" ${HEAD}`],
  ['a status that is none', answer('Status: no\r\n\r\n'), 502, `upstream sent invalid status "no" ${HEAD}`],
];

for (const [name, reply, expected, log] of BROKEN) {
  test(`an application's answer that is none: ${name}`, async (t) => {
    const app = await startFastcgi(t, () => reply);
    const server = await startServer(t, {
      config: `http { log_format up '$status|$upstream_addr|$upstream_status'; access_log access.log up;
        server { listen @http@; server_name s; location / { fastcgi_read_timeout 300ms; fastcgi_pass ${app.at}; } } }`,
    });
    assert.equal(await status(server, '/x?y'), expected);
    const suffix = `, client: 127.0.0.1, server: s, request: "GET /x?y HTTP/1.1", upstream: "fastcgi://${app.at}", host: "localhost"`;
    await new LogFile(join(server.dir, 'access.log')).wait(new RegExp(`^${expected}\\|${app.at}\\|${expected}$`, 'm'));
    const lines = server.log
      .text()
      .split('\n')
      .filter((line) => line.includes('[error]'));
    assert.ok(
      lines.some((line) => line.endsWith(`${log}${suffix}`)),
      lines.join('\n'),
    );
  });
}

/** All that the client gets before the connection ends. */
async function whole(server: MailServer, target: string, ...lines: readonly string[]): Promise<string> {
  const wire = await server.connect('http');
  await wire.send(`GET ${target} HTTP/1.1\r\nHost: h\r\n${lines.join('')}\r\n`);
  return (await wire.rest()).toString('latin1').replace(/^[\s\S]*?\r\n\r\n/, '');
}

const CUT: readonly (readonly [name: string, reply: FastcgiReply, body: string, log: string | RegExp])[] = [
  [
    'a close, with a length',
    then('close', stdout('Content-Length: 9\r\n\r\nbody')),
    'body',
    'upstream prematurely closed connection while reading upstream',
  ],
  [
    'a reset', // Node.js takes it for an end in order when it comes together with bytes
    then('reset', stdout('Content-Length: 9\r\n\r\nbody')),
    'body',
    /(?:recv\(\) failed \(104: Connection reset by peer\)|upstream prematurely closed connection) while reading upstream/,
  ],
  [
    'silence',
    then('hang', stdout('A: 1\r\n\r\nbody')),
    '4\r\nbody\r\n',
    'upstream timed out (110: Connection timed out) while reading upstream',
  ],
  [
    'an end before the length',
    Buffer.concat([stdout('Content-Length: 9\r\n\r\nbody'), endRequest()]),
    'body',
    'upstream prematurely closed FastCGI request while reading upstream',
  ],
  [
    'an end of the output before the length',
    Buffer.concat([stdout('Content-Length: 9\r\n\r\nbody'), stdout(''), endRequest()]),
    'body',
    'upstream prematurely closed FastCGI stdout while reading upstream',
  ],
  [
    'another version in the middle',
    then('close', stdout('A: 1\r\n\r\nbody'), Buffer.of(2, 6, 0, 1, 0, 0, 0, 0)),
    '4\r\nbody\r\n',
    'upstream sent unsupported FastCGI protocol version: 2 while reading upstream',
  ],
];

for (const [name, reply, body, log] of CUT) {
  test(`a body that breaks off ends the client's connection: ${name}`, async (t) => {
    const app = await startFastcgi(t, () => reply);
    const server = await startServer(t, {
      config: `http { access_log off; server { listen @http@; location / { fastcgi_read_timeout 300ms; fastcgi_pass ${app.at}; } } }`,
    });
    assert.equal(await whole(server, '/'), body);
    await server.waitLog(typeof log === 'string' ? new RegExp(log.replace(/[()]/g, '\\$&')) : log);
  });
}

test('an application that was asked to keep the connection has to end its answer', async (t) => {
  const app = await startFastcgi(t, () => then('close', stdout('A: 1\r\n\r\nbody'), stdout('')));
  const server = await startServer(t, {
    config: `http { access_log off; server { listen @http@; location / { fastcgi_keep_conn on; fastcgi_pass ${app.at}; } } }`,
  });
  assert.equal(await whole(server, '/'), '4\r\nbody\r\n');
  await server.waitLog(/upstream prematurely closed connection while reading upstream/);
});

test('more than the length is cut off, with a warning', async (t) => {
  const app = await startFastcgi(t, () => answer('Content-Length: 2\r\n\r\nbody'));
  const server = await startServer(t, {
    config: `http { access_log off; server { listen @http@; location / { fastcgi_pass ${app.at}; } } }`,
  });
  const got = await ask(server, 'http', { target: '/' });
  assert.ok(got !== 'nothing');
  assert.equal(got.body, 'bo');
  await server.waitLog(
    /\[warn\] .* upstream sent more data than specified in "Content-Length" header while reading upstream/,
  );
});

test('nobody listens, on TCP and on a unix socket; the next server is asked', async (t) => {
  const dead = `${ownAddress()}:${await freePort(ownAddress())}`;
  const app = await startFastcgi(t, () => okAnswer('hi'));
  const config = `http { access_log off; upstream u { server ${dead} max_fails=0; server ${app.at}; }
    server { listen @http@; server_name s;
    location / { fastcgi_pass ${dead}; } location /unix { fastcgi_pass unix:@DIR@/none; } location /u { fastcgi_pass u; } } }`;
  const server = await startServer(t, { config, allow: /connect\(\) to unix/ });
  assert.equal(await status(server), 502);
  await server.waitLog(
    /\[error\] .* connect\(\) failed \(111: Connection refused\) while connecting to upstream, client: .* upstream: "fastcgi:\/\/[\d.]+:\d+", host/,
  );
  assert.equal(await status(server, '/unix'), 502);
  await server.waitLog(
    /\[crit\] .* connect\(\) to unix:\S+\/none failed \(2: No such file or directory\) while connecting to upstream, .*"fastcgi:\/\/unix:\S+\/none:"/,
  );
  for (let i = 0; i < 3; i++) assert.equal(await status(server, '/u'), 200);
});

test('fastcgi_next_upstream: statuses, tries, and requests that may not be repeated', async (t) => {
  const bad = await startFastcgi(t, () => answer('Status: 503 Busy\r\n\r\nbusy'));
  const good = await startFastcgi(t, () => okAnswer('hi'));
  const config = `http { access_log off;
    upstream u { server ${bad.at} max_fails=0 weight=1000; server ${good.at}; }
    server { listen @http@;
      location / { fastcgi_next_upstream error http_503; fastcgi_pass u; }
      location /default { fastcgi_pass u; }
      location /once { fastcgi_next_upstream http_503; fastcgi_next_upstream_tries 1; fastcgi_pass u; }
      location /all { fastcgi_next_upstream http_503 non_idempotent; fastcgi_pass u; } } }`;
  const server = await startServer(t, { config });
  assert.equal(await status(server, '/'), 200);
  assert.equal(await status(server, '/default'), 503);
  assert.equal(await status(server, '/once'), 503);
  assert.equal(await status(server, '/', 'POST'), 503);
  assert.equal(await status(server, '/all', 'POST'), 200);
});

test('fastcgi_catch_stderr: what the error output says makes the answer invalid', async (t) => {
  const bad = await startFastcgi(t, () => Buffer.concat([stderr('PHP Fatal error: x'), okAnswer('white page')]));
  const good = await startFastcgi(t, () => okAnswer('hi'));
  const config = `http { access_log off; upstream u { server ${bad.at} weight=1000 max_fails=0; server ${good.at}; }
    server { listen @http@; location / { fastcgi_pass u; }
      location /caught { fastcgi_catch_stderr nothing; fastcgi_catch_stderr "PHP Fatal"; fastcgi_pass ${bad.at}; }
      location /next { fastcgi_catch_stderr "PHP Fatal"; fastcgi_next_upstream invalid_header; fastcgi_pass u; } } }`;
  const server = await startServer(t, { config });
  assert.match(await whole(server, '/', 'Connection: close\r\n'), /white page/);
  assert.equal(await status(server, '/caught'), 502);
  assert.match(await whole(server, '/next', 'Connection: close\r\n'), /hi/);
  const lines = server.log
    .text()
    .split('\n')
    .filter((line) => line.includes('[error]'));
  assert.ok(lines.length === 3 && lines.every((line) => line.includes('stderr: "PHP Fatal error: x" while reading')));
});

test('a client that goes away takes the request with it, unless fastcgi_ignore_client_abort is on', async (t) => {
  const app = await startFastcgi(t, () => 'hang');
  const server = await startServer(t, {
    config: `http { log_format up '$status|$upstream_status'; access_log access.log up; server { listen @http@;
      location / { fastcgi_pass ${app.at}; }
      location /stay { fastcgi_ignore_client_abort on; fastcgi_read_timeout 300ms; fastcgi_pass ${app.at}; } } }`,
  });
  const leave = async (target: string, index: number): Promise<void> => {
    const wire = await server.connect('http');
    await wire.send(`GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`);
    await app.request(index);
    wire.reset();
  };
  await leave('/', 0);
  await (await app.server.peer(0)).closed();
  await server.waitLog(
    /\[info\] .*client prematurely closed connection, so upstream connection is closed too.* while sending request to upstream/,
  );
  await leave('/stay', 1);
  await server.waitLog(/upstream timed out/);
  await new LogFile(join(server.dir, 'access.log')).wait(/^499\|-\n(?:499|504)\|504$/m);
});

test('an application that just closes has ended its answer', async (t) => {
  const app = await startFastcgi(t, () => then('close', stdout('A: 1\r\n\r\nbody')));
  const server = await startServer(t, {
    config: `http { access_log off; server { listen @http@; location / { fastcgi_pass ${app.at}; } } }`,
  });
  assert.equal(await whole(server, '/', 'Connection: close\r\n'), '4\r\nbody\r\n0\r\n\r\n');
});

test('a client that takes nothing is no fault of the application', async (t) => {
  const length = 12_000_000;
  const large = answer(`Content-Length: ${length}\r\n\r\n${'x'.repeat(length)}`);
  const app = await startFastcgi(t, ({ params }) => (params.get('U') === '/silent' ? 'hang' : large));
  const server = await startServer(t, {
    config: `http { access_log off; server { listen @http@; fastcgi_param U $uri; fastcgi_read_timeout 4s;
      fastcgi_max_temp_file_size 0; location / { fastcgi_pass ${app.at}; } } }`,
  });
  const slow = await server.connect('http');
  slow.socket.pause();
  await slow.send('GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  await app.request(0);
  // The same time limit passes twice meanwhile.
  for (let i = 0; i < 2; i++) assert.equal(await status(server, '/silent'), 504);
  slow.socket.resume();
  assert.ok((await slow.rest()).length > length);
});

for (const [name, to, log] of [
  ['an address without a port', '127.0.0.1', 'no port in upstream "127.0.0.1"'],
  ['a name without a resolver', 'app.test:9000', 'no resolver defined to resolve app.test'],
  ['a port that is none', '127.0.0.1:99999', 'invalid port in upstream "127.0.0.1:99999"'],
] as const) {
  test(`fastcgi_pass with variables: ${name}`, async (t) => {
    const server = await startServer(t, {
      config: `http { access_log off; server { listen @http@; location / { set $to ${to}; fastcgi_pass $to; } } }`,
    });
    assert.ok([500, 502].includes(await status(server)));
    await server.waitLog(new RegExp(log));
  });
}
