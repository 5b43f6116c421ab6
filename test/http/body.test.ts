// Bodies of requests: kept in memory up to a size, in a file beyond it, passed on whole, and gone afterwards.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { okAnswer, startFastcgi } from '../support/fastcgi-backend.ts';
import { ok, startHttpBackend } from '../support/http-backend.ts';
import { ask } from '../support/http-exchange.ts';
import { turnsUntil } from '../support/in-time.ts';
import { CommandFolder } from '../support/mail-spec/command.ts';
import { freePort, ownAddress } from '../support/ports.ts';
import { type MailServer, startServer } from '../support/server.ts';

const BUFFERED = /\[warn\] \S+: \*\d+ a client request body is buffered to a temporary file (\S+), client: /g;

const text = (length: number): string => Buffer.alloc(length, 'abcdefghijklmnopqrs').toString('latin1');

/** The body of the answer. */
async function post(server: MailServer, target: string, body: string, ...lines: readonly string[]): Promise<string> {
  const headers = [...lines, `Content-Length: ${body.length}`, '', body];
  const got = await ask(server, 'http', { target, method: 'POST', headers });
  assert.ok(got !== 'nothing');
  return `${got.status} ${got.body}`;
}

const chunked = (body: string, size: number): string => {
  const pieces: string[] = [];
  for (let at = 0; at < body.length; at += size) pieces.push(body.slice(at, at + size));
  return [...pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`), '0\r\n\r\n'].join('');
};

/** Files that the server has open and nobody can see. */
const hidden = ({ pid }: MailServer): readonly string[] =>
  readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).endsWith(' (deleted)');
    } catch {
      return false; // closed since
    }
  });

test('a body that is too large for memory goes to a file, and on from there byte for byte', async (t) => {
  const backend = await startHttpBackend(t, ({ body }) => ok(`${body.length}`));
  const app = await startFastcgi(t, ({ stdin }) => okAnswer(`${stdin.length}`));
  const server = await startServer(t, {
    config: `http { access_log off; client_body_buffer_size 4k; client_body_temp_path client_body_temp; server { listen @http@;
      location / { proxy_pass http://${backend.at}; }
      location /cgi { fastcgi_pass ${app.at}; fastcgi_param CONTENT_LENGTH $content_length; } } }`,
  });
  const body = text(300_001);
  assert.equal(await post(server, '/', body), '200 300001');
  assert.match(await post(server, '/cgi', body), /^200 [\s\S]*300001/);
  const headers = ['Transfer-Encoding: chunked', '', chunked(body, 7001)];
  const pieces = await ask(server, 'http', { target: '/', method: 'POST', headers });
  assert.ok(pieces !== 'nothing' && pieces.body === '300001');
  assert.ok(backend.requests.every((request) => request.body === body));
  assert.ok(app.requests.every(({ stdin }) => stdin === body));
  const files = [...server.log.text().matchAll(BUFFERED)].map(([, path = '']) => path);
  assert.equal(files.length, 3);
  for (const path of files) {
    assert.match(path.slice(server.dir.length), /^\/client_body_temp\/\d{10}$/);
    assert.equal(existsSync(path), false);
  }
  await turnsUntil(() => hidden(server).length === 0);
});

test('a body that fits into the buffer, or is a quarter longer, stays in memory, where $request_body has it', async (t) => {
  const backend = await startHttpBackend(t, ({ fields }) =>
    ok(`${fields.find((line) => line.startsWith('X-Body'))?.length}`),
  );
  const server = await startServer(t, {
    config: `http { access_log off; client_body_buffer_size 4k; client_body_temp_path client_body_temp; server { listen @http@;
      location / { proxy_pass http://${backend.at}; proxy_set_header X-Body "$request_body."; } } }`,
  });
  assert.equal(await post(server, '/', text(5120)), `200 ${'X-Body: .'.length + 5120}`);
  assert.equal([...server.log.text().matchAll(BUFFERED)].length, 0);
  assert.equal(await post(server, '/', text(8000)), `200 ${'X-Body: .'.length}`);
  assert.equal([...server.log.text().matchAll(BUFFERED)].length, 1);
});

test('the next server gets all of it again', async (t) => {
  const bad = await startHttpBackend(t, () => 'HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy');
  const good = await startHttpBackend(t, ({ body }) => ok(`${body === text(200_000)}`));
  const dead = `${ownAddress()}:${await freePort(ownAddress())}`;
  const server = await startServer(t, {
    config: `http { access_log off; upstream u { server ${bad.at} weight=100; server ${dead}; server ${good.at}; }
      server { listen @http@; location / { proxy_pass http://u; proxy_next_upstream error http_503 non_idempotent; } } }`,
  });
  assert.equal(await post(server, '/', text(200_000)), '200 true');
  assert.equal(bad.requests[0]?.body, text(200_000));
});

test('folders by the last digits of the number, made when they are needed', async (t) => {
  const backend = await startHttpBackend(t, ({ body }) => ok(`${body.length}`));
  const server = await startServer(t, {
    config: `http { access_log off; client_body_temp_path bodies/ 1 2; server { listen @http@;
      location / { proxy_pass http://${backend.at}; } } }`,
  });
  assert.equal(await post(server, '/', text(40_000)), '200 40000');
  const [, path = ''] = [...server.log.text().matchAll(BUFFERED)][0] ?? [];
  const [, last, before, number] = /^\/bodies\/(\d)\/(\d\d)\/(\d{10})$/.exec(path.slice(server.dir.length)) ?? [];
  assert.equal(number?.slice(-3), `${before}${last}`);
});

test('a file that cannot be made is a 500, and the log says why', async (t) => {
  const backend = await startHttpBackend(t, ({ body }) => ok(`${body.length}`));
  const server = await startServer(t, {
    allow: /\[crit\] .* open\(\)/,
    config: `http { access_log off; client_body_temp_path client_body_temp; server { listen @http@;
      location / { proxy_pass http://${backend.at}; } } }`,
  });
  rmSync(join(server.dir, 'client_body_temp'), { recursive: true });
  assert.match(await post(server, '/', text(40_000)), /^500 /);
  await server.waitLog(
    /\[crit\] .* open\(\) "\S+\/client_body_temp\/\d{10}" failed \(2: No such file or directory\), client: /,
  );
  assert.equal(await post(server, '/', 'short'), '200 5');
});

test('a body that grows too large, and a client that leaves: nothing stays open', async (t) => {
  const backend = await startHttpBackend(t, ({ body }) => ok(`${body.length}`));
  const server = await startServer(t, {
    config: `http { access_log off; client_max_body_size 100k; server { listen @http@;
      location / { proxy_pass http://${backend.at}; } } }`,
  });
  const headers = ['Transfer-Encoding: chunked', '', chunked(text(120_000), 9000)];
  const got = await ask(server, 'http', { target: '/', method: 'POST', headers });
  assert.ok(got !== 'nothing' && got.status === 413);
  await server.waitLog(/client intended to send too large chunked body: \d+\+\d+ bytes/);
  const wire = await server.connect('http');
  await wire.send(`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 90000\r\n\r\n${text(50_000)}`);
  await turnsUntil(() => hidden(server).length === 1, 'the file of a body');
  wire.reset();
  await turnsUntil(() => hidden(server).length === 0, 'the end of it');
  assert.equal(backend.requests.length, 0);
});

test('the folder is made by a test of the configuration too, and one that cannot be made fails it', async (t) => {
  const config = (path: string): string =>
    `events {} http { access_log off; client_body_temp_path ${path}; server { listen unix:$DIR/s; return 204; } }`;
  const folder = new CommandFolder(t, { 'conf/nginx.conf': config('new') });
  assert.equal((await folder.run('-p', '$DIR', '-t', '-q')).code, 0);
  const { mode } = statSync(join(folder.dir, 'new'));
  assert.equal(mode & 0o777, 0o700);
  folder.write('conf/nginx.conf', config('no/such'));
  const { code, stderr } = await folder.run('-p', '$DIR', '-t', '-q');
  assert.equal(code, 1);
  assert.match(stderr, /\[emerg\].* mkdir\(\) "\$DIR\/no\/such" failed \(2: No such file or directory\)\n/);
});
