// TLS to backends of a group: one that is the wrong one, or has no TLS, is passed over before anything is said to it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type BackendScript, dialogue } from '../support/fake-backend.ts';
import { BACKEND_TLS, overStarttls, overTls } from '../support/secure-backend.ts';
import { CERTS, pem } from '../support/tls.ts';
import { named, startSite } from '../support/upstream-site.ts';

const CA = `proxy_ssl_verify on; proxy_ssl_trusted_certificate ${join(CERTS, 'ca.pem')};`;
const stranger = (script: BackendScript): BackendScript =>
  overTls(script, { cert: pem('client-self.pem'), key: pem('client-self.key') });

describe('TLS to the backends of a group', { concurrency: 8 }, () => {
  test('the wrong server is passed over, and gets no login', async (t) => {
    const { visit, backends, server } = await startSite(t, {
      backends: [stranger(named('a')), overTls(named('b'))],
      mail: `upstream mail.example { server #0; server #1; } proxy_ssl on; ${CA}`,
      server: 'proxy_pass mail.example;',
    });
    assert.equal(await visit('u1'), '+OK b');
    assert.equal(await visit('u2'), '+OK b');
    assert.equal(backends[0]?.peers.length, 1);
    assert.equal(backends[0]?.peers[0]?.received.length, 0);
    const log = server.log.text();
    assert.match(log, /\[error\] .*certificate verify error: \(26:.*\) while SSL handshaking to upstream/);
    assert.match(log, /\[warn\] .*upstream server temporarily disabled/);
  });

  test('a server without STLS is passed over, and so is one that refuses it', async (t) => {
    const { visit, backends } = await startSite(t, {
      backends: [
        dialogue(['+OK hi\r\n', '+OK\r\nTOP\r\n.\r\n']),
        dialogue(['+OK hi\r\n', '+OK\r\nSTLS\r\n.\r\n', '-ERR no\r\n']),
        overStarttls('pop3', named('c')),
      ],
      mail: `upstream mail.example { server #0; server #1; server #2; } proxy_ssl starttls; ${CA}`,
      server: 'proxy_pass mail.example;',
    });
    assert.equal(await visit('u1'), '+OK c');
    for (const { peers } of backends.slice(0, 2)) assert.doesNotMatch(String(peers[0]?.received), /USER|PASS/);
  });

  test('the auth server asks for TLS to a group, under a name', async (t) => {
    const { visit, auth, server } = await startSite(t, {
      backends: [overTls(named('a'))],
      mail: `upstream all { server #0; } ${CA}`,
    });
    const say = (...headers: readonly string[]): void => {
      auth.script = () => ['HTTP/1.0 200 OK', 'Auth-Status: OK', 'Auth-Server: all', ...headers, '', ''].join('\r\n');
    };
    say('Auth-Upstream-SSL: on', 'Auth-Upstream-SSL-Name: mail.example');
    assert.equal(await visit('u1'), '+OK a');
    say('Auth-Upstream-SSL: on');
    assert.equal(await visit('u2'), '-ERR internal server error');
    assert.match(server.log.text(), /upstream SSL certificate does not match "all" while SSL handshaking/);
  });

  for (const mode of ['on', 'starttls'] as const) {
    test(`${mode}: an answer does not turn TLS off, for a group, a static backend, a socket, nor without a name`, async (t) => {
      const { visit, auth, backends, server } = await startSite(t, {
        backends: [named('clear')],
        mail: `upstream all { server #0; } proxy_ssl ${mode}; ${CA} auth_http_cache zone=z:1m; auth_http_cache_valid ok 1m;`,
        server: 'proxy_pass #0;',
        more: 'server { listen @trusting@; protocol pop3; proxy_pass #0; auth_http_trust_ssl on; }',
      });
      const answer = (...headers: readonly string[]): void => {
        auth.script = () =>
          ['HTTP/1.0 200 OK', 'Auth-Status: OK', ...headers, 'Auth-Upstream-SSL: OFF', '', ''].join('\r\n');
      };
      const places = [[], ['Auth-Server: all'], ['Auth-Server: unix:/nonexistent/s']];
      for (const [i, place] of places.entries()) {
        answer(...place);
        for (const user of [`u${i}`, `u${i}`]) assert.equal(await visit(user), '-ERR internal server error');
      }
      const why = 'sent "Auth-Upstream-SSL: off" without "auth_http_trust_ssl on"';
      assert.equal(server.log.text().match(new RegExp(why, 'g'))?.length, 2 * places.length);
      assert.equal(backends[0]?.peers.length, 0);
      assert.doesNotMatch(server.log.text(), /temporarily disabled/);
      answer('Auth-Upstream-SSL: on');
      assert.equal(await visit('v1'), '-ERR internal server error', 'the last one counts');
      answer();
      assert.equal(await visit('v2', 'trusting'), '+OK clear');
    });
  }

  test('without an auth server too', async (t) => {
    const { visit } = await startSite(t, {
      backends: [overTls(named('a'), BACKEND_TLS)],
      mail: `upstream mail.example { server #0; } proxy_ssl on; ${CA}`,
      server: 'proxy_pass mail.example; auth_http off;',
    });
    assert.equal(await visit('u1'), '+OK a');
  });
});
