// What the URL of auth_http comes to: one address, all of a name, or an upstream.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authHttpModule } from '../../../../src/mail/auth-http/module.ts';
import { serverStores } from '../doubles.ts';

const HOSTS = { 'auth.example': ['192.0.2.1', '192.0.2.2', '2001:db8::1'] };

/** Who is asked, for each server. */
function asked(text: string): string[] {
  return serverStores(text, { hosts: HOSTS }).map((store) => {
    const conf = store.get(authHttpModule.srv);
    if (conf === undefined) return 'nobody';
    if (conf.group === undefined) return conf.server.text;
    return `${conf.text}: ${conf.group.servers.peers.map((peer) => peer.text).join(' ')}`;
  });
}

const server = (text = '', port = 143): string => `server { listen 127.0.0.1:${port}; protocol imap; ${text} }`;

test('of a name the first address is asked, as in nginx, unless it is said when another one is', () => {
  const name = 'auth_http http://auth.example/in;';
  const all = 'auth.example: 192.0.2.1:80 192.0.2.2:80 [2001:db8::1]:80';
  assert.deepEqual(asked(name + server()), ['192.0.2.1:80']);
  assert.deepEqual(asked(`${name} auth_http_next_upstream_tries 3; ${server()}`), ['192.0.2.1:80']);
  assert.deepEqual(asked(`${name} auth_http_next_upstream off; ${server()}`), ['192.0.2.1:80']);
  assert.deepEqual(asked(`${name} auth_http_next_upstream error; ${server()}`), [all]);
  assert.deepEqual(asked(`auth_http https://auth.example:8443; auth_http_next_upstream timeout; ${server()}`), [
    'auth.example: 192.0.2.1:8443 192.0.2.2:8443 [2001:db8::1]:8443',
  ]);
  assert.deepEqual(asked(`auth_http 127.0.0.1; auth_http_next_upstream error; ${server()}`), ['127.0.0.1:80']);
});

test('servers that inherit a name share what is known of its addresses', () => {
  const stores = serverStores(`auth_http auth.example; auth_http_next_upstream error; ${server()} ${server('', 144)}`, {
    hosts: HOSTS,
  });
  const [first, second] = stores.map((store) => store.get(authHttpModule.srv)?.group?.servers);
  assert.ok(first);
  assert.equal(first, second);
});

test('the upstream of that name goes before what the system knows, wherever it stands', () => {
  const upstream = 'upstream Auth.Example { server 127.0.0.1:9; }';
  assert.deepEqual(asked(`${server('auth_http auth.example;')} ${upstream}`), ['Auth.Example: 127.0.0.1:9']);
  assert.deepEqual(asked(`${upstream} ${server('auth_http http://auth.example/ resolve;')}`), [
    'Auth.Example: 127.0.0.1:9',
  ]);
});
