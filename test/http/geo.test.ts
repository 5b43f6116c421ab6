// geo of a running server: networks, ranges, and clients behind proxies.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { bodyOf, finds } from '../support/http-exchange.ts';
import { type MailServer, startServer } from '../support/server.ts';

const CONFIG = `http {
  access_log off;
  geo $arg_a $network {
    default default; 10.0.0.0/8 ten; 10.1.0.0/16 ten-one; 10.2.0.0/16 gone; delete 10.2.0.0/16;
    255.255.255.255 invalid; 2001:db8::/32 doc; 1.2.3.4 "a $host"; include more.geo;
  }
  geo $arg_a $range {
    ranges; default default; 10.0.0.0-10.0.0.255 A; 10.0.0.10-10.0.0.20 B; 10.0.0.12-10.0.0.13 C;
    1.0.0.0-3.0.0.0 wide; 1.255.255.0-2.0.0.10 inner; 9.0.0.0-9.0.0.9 gone; delete 9.0.0.0-9.0.0.9;
  }
  geo $near { proxy 127.0.0.1; default default; 10.0.0.0/8 ten; 11.0.0.0/8 eleven; 127.0.0.1 self; ::1 six; }
  geo $far { proxy 127.0.0.1; proxy 10.0.0.0/8; proxy_recursive;
             default default; 10.0.0.0/8 ten; 11.0.0.0/8 eleven; 127.0.0.1 self; }
  geo $plain { 127.0.0.1 self; }
  geo $empty { }
  server {
    listen @web@; listen unix:@DIR@/web.sock;
    location /network { return 200 "$network"; }
    location /range { return 200 "$range"; }
    location /client { return 200 "$near $far"; }
    location /plain { return 200 "$plain|$empty"; }
  }
}`;

const cleanup = new Cleanup();
let server: MailServer;

after(() => cleanup.run());

before(async () => {
  server = await startServer(cleanup, { config: CONFIG, files: { 'more.geo': '12.0.0.0/8 included;\n' } });
});

test('the smallest network counts, and what is no address is 255.255.255.255', async () => {
  await finds(server, 'network', {
    '10.1.2.3': 'ten-one',
    '10.2.3.4': 'ten',
    '1.2.3.4': 'a $host',
    '01.2.3.4': 'a $host',
    '1.2.3.5': 'default',
    '12.1.1.1': 'included',
    '2001:db8::1': 'doc',
    '2001:db9::1': 'default',
    '::ffff:10.1.1.1': 'ten-one',
    bogus: 'invalid',
    '1.2.3': 'invalid',
    '255.255.255.255': 'invalid',
    '': 'invalid',
  });
  assert.equal(await bodyOf(server, 'web', { target: '/network' }), 'invalid');
});

test('of ranges the inner one counts', async () => {
  await finds(server, 'range', {
    '10.0.0.0': 'A',
    '10.0.0.9': 'A',
    '10.0.0.10': 'B',
    '10.0.0.12': 'C',
    '10.0.0.14': 'B',
    '10.0.0.21': 'A',
    '10.0.1.0': 'default',
    '1.0.0.0': 'wide',
    '2.0.0.10': 'inner',
    '1.255.255.0': 'inner',
    '1.255.254.255': 'wide',
    '2.0.0.11': 'wide',
    '3.0.0.0': 'wide',
    '3.0.0.1': 'default',
    '9.0.0.5': 'default',
    '::ffff:10.0.0.1': 'A',
    '::1': 'default',
    bogus: 'default',
  });
});

test('X-Forwarded-For is believed as far as proxies have written it', async () => {
  const cases: readonly (readonly [answer: string, ...forwarded: string[]])[] = [
    ['self self'],
    ['self self', ''],
    ['ten ten', '10.1.1.1'],
    ['ten eleven', '11.1.1.1, 10.1.1.1'],
    ['self self', '11.1.1.1, foo'],
    ['ten ten', 'foo,10.1.1.1'],
    ['self ten', '10.1.1.1, 127.0.0.1'],
    ['ten ten', '10.1.1.1:80'],
    ['six default', '::1'],
    ['six default', '[::1]:99'],
    ['ten ten', '10.1.1.1,,'],
    ['ten default', '12.1.1.1, 10.1.1.1  , '],
    ['ten default', '11.1.1.1, 12.1.1.1, 10.1.1.1'],
  ];
  for (const [answer, ...forwarded] of cases) {
    const headers = forwarded.map((value) => `X-Forwarded-For: ${value}`);
    assert.equal(await bodyOf(server, 'web', { target: '/client', headers }), answer, forwarded.join());
  }
});

test('a client on a unix socket has no address', async () => {
  assert.equal(await bodyOf(server, 'web', { target: '/plain' }), 'self|');
  const wire = await server.connect('web', { path: join(server.dir, 'web.sock') });
  await wire.send('GET /plain HTTP/1.0\r\n\r\n');
  assert.match((await wire.rest()).toString(), /\r\n\r\n\|$/);
  wire.destroy();
});
