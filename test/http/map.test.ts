// map of a running server: which entry a string finds, and what comes of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { bodyOf, finds } from '../support/http-exchange.ts';
import { type MailServer, startServer } from '../support/server.ts';

const CONFIG = `http {
  access_log off;
  map $arg_a $plain {
    default none; ABC abc; "" empty; *.x star; v "$http_v-$arg_b"; other $hosts;
    \\default default; \\hostnames hostnames; \\~t tilde; include more.map;
  }
  map $arg_a $regex { ~^r(?<rest>.*)z$ "case $rest $1"; ~*^R "any"; rR exact; }
  map $arg_a $hosts {
    hostnames; default none; .a.com both; *.b.com suffix; *.x.b.com longer; www.* prefix; www.b.com exact;
    ~d regex;
  }
  map "$arg_a:$arg_b" $pair { x:y both; }
  map constant $fixed { constant yes; }
  map $arg_a $again { volatile; default $request_id; }
  map $arg_a $twice { default first; }
  map $arg_a $twice { default second; }
  map $uri $args { default mapped; }
  map $uri $proxy_port { default mapped; }
  map $ring_b $ring_a { default "x$ring_b"; }
  map $ring_a $ring_b { default "y$ring_a"; }
  server {
    listen @web@;
    location /plain { return 200 "$plain"; }
    location /regex { return 200 "$regex"; }
    location /hosts { return 200 "$hosts"; }
    location /pair { return 200 "$pair|$fixed|$twice"; }
    location /volatile { return 200 "$again"; }
    location /args { return 200 "$args|$query_string"; }
    location /ring { return 200 "$ring_a"; }
    location /proxy { return 200 "$proxy_port"; }
  }
}`;

const cleanup = new Cleanup();
let server: MailServer;

after(() => cleanup.run());

before(async () => {
  server = await startServer(cleanup, { config: CONFIG, files: { 'more.map': 'included "from a file";\n' } });
});

test('strings are found in any case, and words that mean something behind a backslash', async () => {
  await finds(server, 'plain', {
    ABC: 'abc',
    aBc: 'abc',
    '': 'empty',
    '*.x': 'star',
    'q.x': 'none',
    default: 'default',
    hostnames: 'hostnames',
    '~t': 'tilde',
    included: 'from a file',
    more: 'none',
  });
  assert.equal(await bodyOf(server, 'web', { target: '/plain' }), 'empty');
});

test('a value has variables, among them those of other maps', async () => {
  assert.equal(await bodyOf(server, 'web', { target: '/plain?a=v&b=2', headers: ['V: 1'] }), '1-2');
  assert.equal(await bodyOf(server, 'web', { target: '/plain?a=other' }), 'none');
});

test('regular expressions come after strings, in their order, and leave captures', async () => {
  await finds(server, 'regex', { rOz: 'case O O', rz: 'case  ', Rz: 'any', rr: 'exact', RR: 'exact', x: '' });
});

test('host names: the exact one, the longest suffix, a prefix, then regular expressions', async () => {
  await finds(server, 'hosts', {
    'a.com': 'both',
    'q.q.A.com': 'both',
    'b.com': 'none',
    'q.b.com': 'suffix',
    'y.x.b.com': 'longer',
    'www.b.com': 'exact',
    'WWW.z': 'prefix',
    'a.com.': 'both',
    'a.com..': 'none',
    xdx: 'regex',
    'd.a.com': 'both',
  });
});

test('the source is any string, and a later map of the same variable counts', async () => {
  assert.equal(await bodyOf(server, 'web', { target: '/pair?a=x&b=y' }), 'both|yes|second');
  assert.equal(await bodyOf(server, 'web', { target: '/pair?a=x' }), '|yes|second');
});

test('a value is kept for the request, unless the map is volatile', async () => {
  assert.match(await bodyOf(server, 'web', { target: '/volatile' }), /^[0-9a-f]{32}$/);
});

test('a variable that may be set may be mapped', async () => {
  assert.equal(await bodyOf(server, 'web', { target: '/args?x' }), 'mapped|x');
  assert.equal(await bodyOf(server, 'web', { target: '/proxy' }), 'mapped');
});

test('maps that name each other in a circle come to an end', async () => {
  assert.equal(await bodyOf(server, 'web', { target: '/ring' }), 'xy'.repeat(50));
  assert.match(server.log.text(), /\[error\] [^\n]*: \*\d+ cycle while evaluating variable "ring_a", client: /);
});
