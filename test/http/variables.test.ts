// Core variables of a running http server, as its answers and its access log show them.
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { ask } from '../support/http-exchange.ts';
import { LogFile } from '../support/log-file.ts';
import { type MailServer, startServer } from '../support/server.ts';
import type { ConnectOptions } from '../support/wire.ts';

/** Variables by what asks for them: each is shown as the answer's text. */
const SHOWN: Readonly<Record<string, string>> = {
  request: '$request|$request_method|$request_uri|$uri|$document_uri|$args|$query_string|$is_args|$server_protocol',
  headers: '$http_user_agent|$http_x|$http_x_y|$http_none|$content_type|$content_length|$http_cookie',
  cookies: '$cookie_a|$cookie_B|$cookie_c|$cookie_d|$cookie_none',
  args: '$arg_a|$arg_B|$arg_c|$arg_d|$arg_e|$arg_none',
  server: '$server_name|$host|$http_host|$scheme|$https|$hostname|$nginx_version|$pid',
  addresses: '$remote_addr:$remote_port|$server_addr:$server_port|$connection_requests|$pipe',
  user: '$remote_user',
  port: '$host$is_request_port$request_port',
  absent: '$gzip_ratio|$http2|$limit_req_status|$tcpinfo_rtt|$sent_trailer_x|$uid_got',
  rate: '$limit_rate',
  times: '$msec|$time_local|$time_iso8601|$request_time|$connection_time|$request_id|$request_id|$connection',
  early: '$status|$bytes_sent|$body_bytes_sent|$request_completion|$sent_http_content_type',
};

const locations = Object.entries(SHOWN).map(([name, text]) => `location /${name} { return 200 "${text}"; }`);

const CONFIG = `http {
  default_type text/x;
  log_format sent '$uri [$sent_http_content_type][$sent_http_content_length][$sent_http_location][$sent_http_x_a]'
                  '[$sent_http_none][$sent_http_connection][$sent_http_server] $bytes_sent $body_bytes_sent';
  log_format binary '$binary_remote_addr|$server_addr|$server_port|$remote_addr|$remote_port';
  access_log off;
  server {
    listen @web@; listen unix:@DIR@/web.sock;
    server_name First second;
    ${locations.join('\n    ')}
    location /rate/set { set $limit_rate 2k; return 200 $limit_rate; }
    location /args/set { set $args "a=1&new=2"; return 200 "$args|$arg_new|$is_args|$query_string|$request_uri"; }
    location /sent { access_log @DIR@/sent.log sent; add_header X-A one; add_header X-A two;
      return 200 "four"; location /sent/away { return 301 /there; } }
    location /binary { access_log @DIR@/binary.log binary; return 204; }
  }
  server { listen @bare@; underscores_in_headers on; access_log off;
    location / { return 200 "$http_x_y|$host|$server_name"; } }
}`;

const cleanup = new Cleanup();
let server: MailServer;

after(() => cleanup.run());

before(async () => {
  server = await startServer(cleanup, { config: CONFIG });
});

interface Asked {
  readonly headers?: readonly string[];
  readonly host?: string;
  readonly at?: string;
}

async function shown(target: string, { headers = [], host = 'h', at = 'web' }: Asked = {}): Promise<string> {
  const answer = await ask(server, at, { target, host, headers });
  assert.ok(answer !== 'nothing');
  return answer.body;
}

test('the request line and what it is made of', async () => {
  assert.equal(
    await shown('/request//%41/./b%20c/../d?x=%41&y'),
    'GET /request//%41/./b%20c/../d?x=%41&y HTTP/1.1|GET|/request//%41/./b%20c/../d?x=%41&y|/request/A/d|/request/A/d|x=%41&y|x=%41&y|?|HTTP/1.1',
  );
  assert.equal(await shown('/request'), 'GET /request HTTP/1.1|GET|/request|/request|/request||||HTTP/1.1');
  assert.equal(await shown('/request?'), 'GET /request? HTTP/1.1|GET|/request?|/request|/request||||HTTP/1.1');
});

test('header lines: any case, dashes as underscores, absent ones empty', async () => {
  const headers = ['USER-agent: u', 'X:  one ', 'x-Y: v', 'Content-Type: t', 'Content-Length: 0', 'Cookie: a'];
  assert.equal(await shown('/headers', { headers }), 'u|one|v||t|0|a');
});

test('a header name with an underscore or another odd character is left out, and the log says so', async () => {
  const headers = ['X_Y: wrong', 'X-Y: right', 'x.y: "z"'];
  assert.equal(await shown('/headers', { headers }), '||right||||');
  await server.waitLog(
    /\[info\] .*client sent invalid header line: "X_Y: wrong" while reading client request headers, client: 127\.\S+, server: First, request: "GET \/headers HTTP\/1\.1", host: "h"\n/i,
  );
  await server.waitLog(/client sent invalid header line: "x\.y: "z"" while/);
});

test('underscores_in_headers takes such names', async () => {
  assert.equal(await shown('/', { at: 'bare', headers: ['X_Y: taken'] }), 'taken|h|');
});

test('cookies: the first of a name in any case, up to the semicolon', async () => {
  assert.equal(await shown('/cookies', { headers: ['Cookie: a=1; A=2;b = 3 ; xc=4; c="5'] }), '1|3 |"5||');
  assert.equal(await shown('/cookies', { headers: ['Cookie: a; c=1=2; d='] }), '||1=2||');
});

test('arguments: the first of a name in any case, as sent', async () => {
  assert.equal(await shown('/args?A=%41+&b=2&a=3&c=&xd=1&d&e=a=b'), '%41+|2|||a=b|');
  assert.equal(await shown('/args/set?a=0'), 'a=1&new=2|2|?|a=1&new=2|/args/set?a=0');
});

test('server, host and process', async () => {
  const [name, host, header, scheme, https, machine, version, pid] = (
    await shown('/server', { host: 'Second.:99' })
  ).split('|');
  assert.deepEqual([name?.toLowerCase(), host, header, scheme, https], ['first', 'second', 'Second.:99', 'http', '']);
  assert.equal(machine, hostname().toLowerCase());
  assert.match(version ?? '', /^1\.\d+\.\d+$/);
  assert.equal(Number(pid), server.pid);
});

test('the port that the client has named, in the request line or in Host', async () => {
  assert.equal(await shown('/port', { host: 'H:8080' }), 'h:8080');
  assert.equal(await shown('/port', { host: '[::1]:99' }), '[::1]:99');
  assert.equal(await shown('/port', { host: '[::1]' }), '[::1]');
  assert.equal(await shown('/port', { host: 'h' }), 'h');
  assert.equal(await shown('http://other:81/port', { host: 'h:8080' }), 'other:81');
  assert.equal(await shown('http://other/port', { host: 'h:8080' }), 'other');
});

test('variables of what is not there are empty', async () => {
  assert.equal(await shown('/absent'), '|||||');
});

test('addresses, and which request of its connection it is', async () => {
  const { host, port } = server.at('web');
  const wire = await server.connect('web');
  const line = 'GET /addresses HTTP/1.1\r\nHost: h\r\n';
  await wire.send(`${line}\r\n`);
  await wire.match(/\r\n\r\n/);
  const own = `${wire.socket.localAddress}:${wire.localPort}|${host}:${port}`;
  await wire.expectBytes(`${own}|1|.`);
  await wire.send(`${line}Connection: close\r\n\r\n`);
  assert.ok((await wire.rest()).toString().endsWith(`\r\n\r\n${own}|2|.`));
  wire.destroy();
});

test('binary addresses, and a unix socket, which has neither address nor ports', async () => {
  const log = new LogFile(join(server.dir, 'binary.log'));
  const path = join(server.dir, 'web.sock');
  const { host, port } = server.at('web');
  const client = await askForBinary({});
  const [line] = await log.wait(/^.*\n/);
  const bytes = client.address.split('.').map((n) => escaped(Number(n)));
  assert.equal(line, `${bytes.join('')}|${host}|${port}|${client.address}|${client.port}\n`);
  await askForBinary({ path });
  await log.wait(/\nunix:.*\n/);
  assert.equal(log.text().split('\n')[1], `unix:|unix:${path}||unix:|`);
});

async function askForBinary(where: ConnectOptions): Promise<{ readonly address: string; readonly port: number }> {
  const wire = await server.connect('web', where);
  const { localAddress = '' } = wire.socket;
  const client = { address: localAddress, port: wire.localPort };
  await wire.send('GET /binary HTTP/1.0\r\n\r\n');
  await wire.rest();
  wire.destroy();
  return client;
}

/** A byte in a log. */
const escaped = (byte: number): string =>
  byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
    ? String.fromCharCode(byte)
    : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;

test('the user of basic authentication', async () => {
  const basic = (text: string): string => `Authorization: Basic ${Buffer.from(text).toString('base64')}`;
  assert.equal(await shown('/user', { headers: [basic('joe:se:cret')] }), 'joe');
  assert.equal(await shown('/user', { headers: [basic('joe')] }), '');
  assert.equal(await shown('/user', { headers: ['Authorization: Bearer x'] }), '');
  assert.equal(await shown('/user'), '');
});

test('a rate that is set can be read again', async () => {
  assert.equal(await shown('/rate'), '0');
  assert.equal(await shown('/rate/set'), '2048');
});

test('times, and numbers of requests and connections', async () => {
  const [msec, local, iso, requestTime, connectionTime, id, same, connection] = (await shown('/times')).split('|');
  assert.match(msec ?? '', /^\d{10}\.\d{3}$/);
  assert.match(local ?? '', /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}$/);
  assert.match(iso ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
  assert.match(requestTime ?? '', /^\d+\.\d{3}$/);
  assert.match(connectionTime ?? '', /^\d+\.\d{3}$/);
  assert.match(id ?? '', /^[0-9a-f]{32}$/);
  assert.equal(same, id);
  assert.match(connection ?? '', /^\d+$/);
  const [next] = (await shown('/times')).split('|').slice(5);
  assert.notEqual(next, id);
});

test('before an answer is sent its size is 0', async () => {
  assert.equal(await shown('/early'), '200|0|0||');
});

test('the head of an answer, as the log has it', async () => {
  const log = new LogFile(join(server.dir, 'sent.log'));
  const { host, port } = server.at('web');
  const wire = await server.connect('web');
  await wire.send('GET /sent HTTP/1.0\r\n\r\n');
  const answer = await wire.rest();
  wire.destroy();
  await log.wait(/sent .*\n/);
  const head = `[text/x][4][-][one, two][-][close][-] ${answer.length} 4`;
  // nginx had only the first of several lines up to 1.23.
  assert.equal(log.text().replace('[one]', '[one, two]'), `/sent ${head}\n`);
  const away = await ask(server, 'web', { target: '/sent/away', host: `${host}:${port}` });
  assert.ok(away !== 'nothing');
  await log.wait(/away .*\n/);
  const expected = `[text/html][${away.body.length}][http://${host}:${port}/there]`;
  assert.ok(log.text().includes(`/sent/away ${expected}`), log.text());
});
