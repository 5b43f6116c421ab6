// proxy_ssl_certificate with variables: which certificate a backend is shown is found with each login.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { response } from '../support/fake-auth.ts';
import type { BackendScript } from '../support/fake-backend.ts';
import { BACKEND_TLS, UPGRADES } from '../support/secure-backend.ts';
import { pem } from '../support/tls.ts';
import { named, sendTo, startSite } from '../support/upstream-site.ts';

const ASKS = { ...BACKEND_TLS, requestCert: true, rejectUnauthorized: false, ca: pem('ca.pem') };
const FILES = {
  'certs/client.pem': pem('client.pem'),
  'certs/client.key': pem('client.key'),
  'certs/self.pem': pem('client-self.pem'),
  'certs/self.key': pem('client-self.key'),
  'certs/odd.pem': pem('client.pem'),
  'certs/odd.key': pem('client-self.key'),
  'outside.pem': pem('client.pem'),
  'outside.key': pem('client.key'),
};
const NAMES = `proxy_ssl_certificate certs/$mail_user.pem; proxy_ssl_certificate_key certs/$mail_user.key;`;

const nameOf = (socket: TLSSocket): string => {
  const { subject } = socket.getPeerCertificate();
  return subject === undefined ? 'nobody' : String(subject.CN);
};

/** Says whom it was shown. */
const asking: BackendScript = async (peer, index) => {
  await named(nameOf(await peer.acceptTls(ASKS)))(peer, index);
};

const askingLater: BackendScript = async (peer, index) => {
  const { greeting, clear, secure } = UPGRADES.pop3;
  await peer.send(greeting);
  for (const [, reply] of clear) {
    await peer.line();
    await peer.send(reply);
  }
  const name = nameOf(await peer.acceptTls(ASKS));
  for (const [, reply] of secure) {
    await peer.line();
    await peer.send(reply);
  }
  peer.skipSend();
  await named(name)(peer, index);
};

/** The name in a certificate. */
function CN(file: string): string {
  const [, name = ''] = /CN=([^\n]*)/.exec(new X509Certificate(pem(file)).subject) ?? [];
  return name;
}

describe('the certificate that a backend is shown', { concurrency: 4 }, () => {
  test('is that of the login, over TLS and by STARTTLS, with and without an auth server', async (t) => {
    const { visit } = await startSite(t, {
      files: FILES,
      backends: [asking, askingLater],
      mail: `upstream up { server #0; } ${NAMES}`,
      server: 'proxy_pass up; proxy_ssl on;',
      more: `server { listen @later@; protocol pop3; proxy_ssl starttls; proxy_pass #1; auth_http off; }`,
    });
    for (const listener of ['pop3', 'later']) {
      const came = [];
      for (const user of ['client', 'self', 'client']) came.push(await visit(user, listener));
      assert.deepEqual(came, [`+OK ${CN('client.pem')}`, `+OK ${CN('client-self.pem')}`, `+OK ${CN('client.pem')}`]);
    }
  });

  test('is none where its name is empty', async (t) => {
    const { visit } = await startSite(t, {
      files: FILES,
      backends: [asking],
      mail: `map $mail_user $own { client certs/client; default ""; }
        map $own $own_pem { "" ""; default $own.pem; }`,
      server: `proxy_pass #0; proxy_ssl on; proxy_ssl_certificate $own_pem; proxy_ssl_certificate_key $own.key;`,
    });
    assert.equal(await visit('client'), `+OK ${CN('client.pem')}`);
    assert.equal(await visit('anna'), '+OK nobody');
  });

  test('cannot be had: the login fails, the log says why, and no backend is asked or blamed', async (t) => {
    const { visit, auth, backends, server } = await startSite(t, {
      files: FILES,
      backends: [asking],
      mail: `upstream up { server #0; } ${NAMES} proxy_ssl on;`,
    });
    const [backend] = backends;
    for (const script of [sendTo('up'), sendTo(backend?.host, backend?.port)]) {
      auth.script = script;
      for (const user of ['nobody', '../outside', 'odd', 'a\u00ff']) {
        assert.equal(await visit(user), '-ERR internal server error', user);
      }
    }
    const log = server.log.text();
    const count = (text: RegExp): number => log.match(text)?.length ?? 0;
    assert.equal(count(/\[error\] .*cannot load certificate "[^"]*\/certs\/nobody\.pem": BIO_new_file\(\) failed/g), 2);
    assert.equal(count(/\[error\] .*"certs\/\.\.\/outside\.pem" is outside of "[^"]*\/certs\/"/g), 2);
    assert.equal(count(/\[error\] .*SSL_CTX_use_PrivateKey\("[^"]*\/odd\.key"\) failed/g), 2);
    assert.doesNotMatch(log, /temporarily disabled|auth http server/);
    assert.equal(backends[0]?.peers.length, 0);
    auth.script = sendTo('up');
    assert.equal(await visit('client'), `+OK ${CN('client.pem')}`);
  });

  test('is what the auth service says, and none where that is not TLS', async (t) => {
    const { visit, auth, backends } = await startSite(t, {
      files: FILES,
      backends: [asking, named('clear')],
      mail: `proxy_ssl_certificate $auth_http_x_pem; proxy_ssl_certificate_key $auth_http_x_key;`,
    });
    const say = (index: number, ...headers: readonly string[]): void => {
      const { host = '', port = 0 } = backends[index] ?? {};
      auth.script = () => response('Auth-Status: OK', `Auth-Server: ${host}`, `Auth-Port: ${port}`, ...headers);
    };
    say(0, 'Auth-Upstream-SSL: on', 'X-Pem: certs/self.pem', 'X-Key: certs/self.key');
    assert.equal(await visit('u1'), `+OK ${CN('client-self.pem')}`);
    say(1, 'X-Pem: certs/none.pem', 'X-Key: certs/none.key');
    assert.equal(await visit('u2'), '+OK clear');
  });

  test('has a new file: it is shown at once, or with proxy_ssl_certificate_cache after its time', async (t) => {
    const { visit, server } = await startSite(t, {
      files: FILES,
      backends: [asking],
      mail: NAMES,
      server: 'proxy_pass #0; proxy_ssl on;',
      more: `server { listen @kept@; protocol pop3; proxy_ssl on; proxy_pass #0;
        proxy_ssl_certificate_cache max=2 valid=1h inactive=1h; }`,
    });
    const first = `+OK ${CN('client.pem')}`;
    assert.deepEqual([await visit('client'), await visit('client', 'kept')], [first, first]);
    for (const end of ['pem', 'key']) {
      copyFileSync(join(server.dir, `certs/self.${end}`), join(server.dir, `certs/client.${end}`));
    }
    assert.deepEqual([await visit('client'), await visit('client', 'kept')], [`+OK ${CN('client-self.pem')}`, first]);
  });
});
