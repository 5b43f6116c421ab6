// realip: whom the server takes for the client, in variables, rules and logs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { type MailServer, startServer } from '../support/server.ts';

const PROXY = 'PROXY TCP4 192.0.2.1 192.0.2.2 1234 443\r\n';
const SHOW = 'return 200 "$remote_addr:$remote_port|$realip_remote_addr";';

const CONFIG = `http {
  access_log off;
  geo $who { default stranger; 9.9.9.9 guest; }
  server { listen @default@; set_real_ip_from 127.0.0.0/8; ${SHOW} }
  server { listen @nobody@; set_real_ip_from 192.0.2.9; ${SHOW} }
  server { listen @forwarded@; set_real_ip_from 127.0.0.0/8; set_real_ip_from 10.0.0.0/8;
    real_ip_header X-Forwarded-For; real_ip_recursive on;
    location / { ${SHOW} }
    location /geo { return 200 $who; }
    location /other { real_ip_header X-Other; try_files /nosuch @other; }
    location @other { ${SHOW} }
    location /file { root @DIR@; } }
  server { listen @proxied@ proxy_protocol;
    location / { ${SHOW} }
    location /late { set_real_ip_from 127.0.0.0/8; real_ip_header proxy_protocol; try_files /nosuch @late; }
    location @late { ${SHOW} }
    location /early { set_real_ip_from 127.0.0.0/8; real_ip_header proxy_protocol; ${SHOW} } }
  server { listen unix:@DIR@/web.sock; set_real_ip_from unix:; ${SHOW} }
}`;

const cleanup = new Cleanup();
let server: MailServer;

before(async () => {
  server = await startServer(cleanup, { config: CONFIG });
});
after(() => cleanup.run());

async function get(at: string, target: string, headers: readonly string[], front = ''): Promise<string> {
  const path = `${server.dir}/web.sock`;
  const wire = await server.connect(at === 'unix' ? 'default' : at, at === 'unix' ? { path } : {});
  await wire.send(`${front}GET ${target} HTTP/1.0\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`);
  const text = (await wire.rest()).toString('latin1');
  return text
    .slice(text.indexOf('\r\n\r\n') + 4)
    .replace(/127\.\d+\.\d+\.\d+/g, 'ME')
    .replace(/ME:\d+/, 'ME:PORT');
}

test('X-Real-IP of a trusted peer is the client; its first line counts', async () => {
  assert.equal(await get('default', '/', ['X-Real-IP: 9.9.9.9']), '9.9.9.9:|ME');
  assert.equal(await get('default', '/', ['X-Real-IP: 9.9.9.9:22']), '9.9.9.9:22|ME');
  assert.equal(await get('default', '/', ['X-Real-IP: 9.9.9.9', 'X-Real-IP: 8.8.8.8']), '9.9.9.9:|ME');
  assert.equal(await get('default', '/', ['X-Real-IP: nonsense']), 'ME:PORT|ME');
  assert.equal(await get('default', '/', []), 'ME:PORT|ME');
  assert.equal(await get('nobody', '/', ['X-Real-IP: 9.9.9.9']), 'ME:PORT|ME');
  assert.equal(await get('unix', '/', ['X-Real-IP: 9.9.9.9']), '9.9.9.9:|unix:');
  assert.equal(await get('unix', '/', []), 'unix::|unix:');
});

test('X-Forwarded-For is followed through the proxies that are trusted', async () => {
  const list = ['X-Forwarded-For: 8.8.8.8, 9.9.9.9:5', 'X-Forwarded-For: 10.0.0.1'];
  assert.equal(await get('forwarded', '/', list), '9.9.9.9:5|ME');
  assert.equal(await get('forwarded', '/geo', list), 'guest');
});

test('a location may look elsewhere, where nothing was found before', async () => {
  assert.equal(await get('forwarded', '/other', ['X-Other: 5.5.5.5']), '5.5.5.5:|ME');
  assert.equal(await get('forwarded', '/other', ['X-Other: 5.5.5.5', 'X-Forwarded-For: 9.9.9.9']), '9.9.9.9:|ME');
});

test('the PROXY header counts where it is asked for, from before the access phase on', async () => {
  assert.equal(await get('proxied', '/', [], PROXY), 'ME:PORT|ME');
  assert.equal(await get('proxied', '/early', [], PROXY), 'ME:PORT|ME');
  assert.equal(await get('proxied', '/late', [], PROXY), '192.0.2.1:1234|ME');
  assert.equal(await get('proxied', '/late', [], 'PROXY UNKNOWN\r\n'), 'ME:PORT|ME');
  assert.equal(await get('proxied', '/late', [], 'PROXY TCP4 abc def 1 2\r\n'), 'ME:PORT|ME');
});

test('the log names the client as long as the request lasts, and the peer afterwards', async () => {
  await get('forwarded', '/file/nosuch', ['X-Forwarded-For: 9.9.9.9']);
  await server.waitLog(/open\(\) "[^"]+" failed \(2: No such file or directory\), client: 9\.9\.9\.9, server: , /);
  const wire = await server.connect('default');
  const host = 'Host: a\r\n';
  await wire.send(`GET / HTTP/1.1\r\n${host}X-Real-IP: 7.7.7.7\r\n\r\nGET / HTTP/1.1\r\n${host}\r\n`);
  await wire.match(/7\.7\.7\.7:\|.*\r\n\r\n127\.[\d.]+:\d+\|/s);
  wire.end();
  await wire.closed();
  await server.waitLog(/client 127\.\d+\.\d+\.\d+ closed keepalive connection/);
});
