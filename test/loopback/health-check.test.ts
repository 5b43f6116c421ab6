// Health checks at the real command: what a check says and expects, who is turned away by it, and who is let in again.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { type BackendScript, type FakeBackend, silence, startBackend } from '../support/fake-backend.ts';
import { FakeDns } from '../support/fake-dns.ts';
import { ownAddress } from '../support/ports.ts';
import { BACKEND_TLS, overStarttls, overTls } from '../support/secure-backend.ts';
import { CERTS } from '../support/tls.ts';
import { type Site, type SiteOptions, startSite } from '../support/upstream-site.ts';

const FAST = 'interval=50ms';
const CA = `proxy_ssl_verify on; proxy_ssl_trusted_certificate ${join(CERTS, 'ca.pem')};`;

/** A POP3 backend that answers checks, and lets everybody in by its name. */
const well =
  (name: string, gate = 'closed'): BackendScript =>
  async (peer) => {
    await peer.send('+OK ready\r\n');
    for (;;) {
      const line = (await peer.line(60_000)).trim();
      if (line === 'CAPA') await peer.send('+OK\r\nUSER\r\n.\r\n');
      else if (line === 'GATE') await peer.send(`${gate}\r\n`);
      else await peer.send(line.startsWith('PASS') ? `+OK ${name}\r\n` : '+OK\r\n');
      if (line === 'QUIT') return;
    }
  };

/** Whoever has come this far has seen enough. */
const parts: BackendScript = async () => {};

const says =
  (text: string): BackendScript =>
  async (peer) => {
    await peer.send(text);
    await peer.closed(60_000);
  };

const peerText = ({ host, port }: FakeBackend): string => `${host}:${port}`;

/** The record of a peer that has become so. */
const turned = (how: 'healthy' | 'unhealthy', backend: FakeBackend, check = 'pop3'): RegExp =>
  new RegExp(
    `\\[${how === 'healthy' ? 'notice' : 'warn'}\\] [^\\n]*peer is ${how} while [^\\n]*, health check "${check}" of peer ` +
      `${peerText(backend)} in upstream "all"\\n`,
  );

function backendsOf(site: Site): readonly [FakeBackend, FakeBackend] {
  const [first, second] = site.backends;
  assert.ok(first !== undefined && second !== undefined);
  return [first, second];
}

/** Two backends, checked by the server. */
const two = (options: Partial<SiteOptions> = {}, check = FAST): SiteOptions => ({
  backends: [well('a'), well('b')],
  mail: 'upstream all { zone all 64k; server #0 max_fails=0; server #1 max_fails=0; }',
  server: `proxy_pass all; health_check ${check};`,
  logLevel: 'info',
  ...options,
});

async function homes({ visit }: Site, count = 4): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let i = 0; i < count; i++) found.add(await visit(`u${i}`));
  return found;
}

describe('health_check', { concurrency: 6 }, () => {
  test('a backend that is gone gets no sessions, and those that come back do', async (t) => {
    const site = await startSite(t, two());
    const [first] = backendsOf(site);
    assert.deepEqual(await homes(site), new Set(['+OK a', '+OK b']));
    first.close();
    await site.server.waitLog(turned('unhealthy', first));
    assert.match(site.server.log.text(), /\[error\] [^\n]*failed \(1[01][14]: [^\n]*health check/);
    assert.deepEqual(await homes(site), new Set(['+OK b']));
    await startBackend(t, well('a again'), first);
    await site.server.waitLog(turned('healthy', first));
    assert.deepEqual(await homes(site), new Set(['+OK a again', '+OK b']));
    const errors = site.server.log.text().match(/\[error\] [^\n]*health check/g);
    assert.equal(errors?.length, 1, 'what goes on is no news');
  });

  test('a check greets, asks, and says good-bye', async (t) => {
    const site = await startSite(t, two());
    const [first] = backendsOf(site);
    const peer = await first.peer(0);
    await peer.closed();
    assert.equal(peer.received.toString('latin1'), 'CAPA\r\nQUIT\r\n');
    assert.doesNotMatch(site.server.log.text(), /health check/, 'nothing is said of what is well');
  });

  const ill: readonly (readonly [string, BackendScript, RegExp])[] = [
    ['hangs', silence, /upstream timed out \(110: Connection timed out\) while connecting to upstream, health check/],
    ['refuses with its greeting', says('-ERR full\r\n'), /invalid response: "-ERR full" while reading response from/],
    ['hangs behind its greeting', says('+OK\r\n'), /upstream timed out [^\n]* while sending CAPA to upstream, health/],
    ['floods', says(`+OK\r\n+OK ${'x'.repeat(9000)}`), /upstream sent too long response line/],
  ];
  for (const [name, script, why] of ill) {
    test(`a backend that ${name} is unhealthy`, async (t) => {
      const site = await startSite(
        t,
        two({ backends: [script, well('b')], main: '' }, `${FAST}; health_check_timeout 3s`),
      );
      const [first, second] = backendsOf(site);
      await site.server.waitLog(turned('unhealthy', first));
      assert.match(site.server.log.text(), why);
      assert.doesNotMatch(site.server.log.text(), turned('unhealthy', second));
      assert.deepEqual(await homes(site), new Set(['+OK b']));
    });
  }

  for (const [protocol, greeting] of [
    ['imap', '* BYE too busy\r\n'],
    ['smtp', '421 too busy\r\n'],
  ] as const) {
    test(`${protocol}: a greeting that turns away is a failure, and the protocol may be another one`, async (t) => {
      const site = await startSite(t, two({ backends: [says(greeting), says(greeting)] }, `${FAST} type=${protocol}`));
      const [first, second] = backendsOf(site);
      await site.server.waitLog(turned('unhealthy', first, protocol));
      await site.server.waitLog(turned('unhealthy', second, protocol));
      assert.equal(await site.visit('u'), '-ERR internal server error');
      assert.match(site.server.log.text(), /no live upstreams while connecting to upstream/);
    });
  }

  test('imap and smtp backends that are well', async (t) => {
    const imap: BackendScript = async (peer) => {
      await peer.send('* OK hello\r\n');
      await peer.expectLine('C1 CAPABILITY\r\n');
      await peer.send('* CAPABILITY IMAP4rev1\r\nC1 OK done\r\n');
      await peer.expectLine('C2 LOGOUT\r\n');
      await peer.send('* BYE\r\nC2 OK\r\n');
    };
    const smtp: BackendScript = async (peer) => {
      await peer.send('220-hello\r\n220 mx\r\n');
      await peer.expectLine('EHLO mx.example.org\r\n');
      await peer.send('250-mx\r\n250 PIPELINING\r\n');
      await peer.expectLine('QUIT\r\n');
      await peer.send('221 bye\r\n');
    };
    const site = await startSite(t, {
      backends: [imap, smtp],
      mail: `
        upstream one { zone one 64k; server #0; health_check ${FAST} type=imap mandatory; }
        upstream all { zone all 64k; server #1; health_check ${FAST} type=smtp mandatory; }`,
      server: 'proxy_pass all;',
      logLevel: 'info',
    });
    const [, second] = backendsOf(site);
    await site.server.waitLog(turned('healthy', second, 'smtp'));
    await site.server.waitLog(/peer is healthy while [^\n]* health check "imap" of peer [^\n]* in upstream "one"/);
    await (await second.peer(0)).closed();
    assert.equal((await second.peer(0)).received.toString('latin1'), 'EHLO mx.example.org\r\nQUIT\r\n');
  });

  test('fails and passes are counted in a row', async (t) => {
    const site = await startSite(t, two({}, `${FAST} fails=2 passes=2`));
    const [first] = backendsOf(site);
    let seen = 0;
    // Ill, well, ill, ill, well, ill, well, well.
    const plan = [false, true, false, false, true, false, true, true];
    await first.peer(0);
    const good = first.script;
    first.script = async (peer, index) => {
      await (plan[seen++] === false ? says('-ERR\r\n') : good)(peer, index);
    };
    await site.server.waitLog(turned('healthy', first));
    const turns = site.server.log.text().match(/peer is (?:un)?healthy/g);
    assert.deepEqual(turns, ['peer is unhealthy', 'peer is healthy']);
    assert.ok(seen >= plan.length, `${seen} checks`);
  });

  test('a server that is mandatory to check gets no sessions before it has passed', async (t) => {
    let open = (): void => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const late: BackendScript = async (peer, index) => {
      await opened;
      await well('a')(peer, index);
    };
    const site = await startSite(t, two({ backends: [late, well('b')] }, `${FAST} mandatory`));
    const [first, second] = backendsOf(site);
    await site.server.waitLog(turned('healthy', second));
    assert.deepEqual(await homes(site), new Set(['+OK b']));
    open();
    await site.server.waitLog(turned('healthy', first));
    assert.deepEqual(await homes(site), new Set(['+OK a', '+OK b']));
  });

  test('the checks of a server and of its upstream both have to pass', async (t) => {
    const site = await startSite(t, {
      ...two(),
      mail: `
        match gate { send "GATE\\x0d\\n"; expect ~* "\r\nopen"; }
        upstream all {
          zone all 64k; server #0 max_fails=0; server #1 max_fails=0;
          health_check ${FAST} match=gate; health_check_timeout 3s;
        }`,
      backends: [well('a'), well('b')],
      main: '',
    });
    const [first, second] = backendsOf(site);
    for (const backend of [first, second]) await site.server.waitLog(turned('unhealthy', backend, 'gate'));
    assert.doesNotMatch(site.server.log.text(), turned('unhealthy', first));
    assert.equal(await site.visit('u'), '-ERR internal server error');
    first.script = well('a', 'OPEN');
    await site.server.waitLog(turned('healthy', first, 'gate'));
    assert.deepEqual(await homes(site), new Set(['+OK a']));
  });

  test('match without send waits for what comes, and looks at no more than proxy_buffer', async (t) => {
    const site = await startSite(t, {
      ...two(),
      backends: [says('+OK the \x80 is here'), says('x'.repeat(5000))],
      mail: `
        match byte { expect "the \\x80"; }
        upstream all { zone all 64k; server #0; server #1; health_check ${FAST} match=byte mandatory; }`,
      server: 'proxy_pass all;',
    });
    const [first, second] = backendsOf(site);
    await site.server.waitLog(turned('healthy', first, 'byte'));
    await site.server.waitLog(turned('unhealthy', second, 'byte'));
    assert.match(site.server.log.text(), /upstream sent unexpected response while reading response from upstream/);
  });

  test('match: an expression that takes too long is a failure, and is not tried again with each byte', async (t) => {
    const site = await startSite(t, {
      ...two(),
      allow: /pcre2_match\(\) failed/,
      backends: [says('a'.repeat(60)), well('b')],
      mail: `
        match slow { expect ~ "^(a|a)*b$"; }
        upstream all { zone all 64k; server #0; server #1 down; health_check ${FAST} match=slow; }
        health_check_timeout 600s;`,
      server: 'proxy_pass all;',
    });
    const [first] = backendsOf(site);
    await site.server.waitLog(turned('unhealthy', first, 'slow'));
    assert.match(site.server.log.text(), /\[alert\] [^\n]*pcre2_match\(\) failed: [^\n]*, health check "slow" of peer/);
  });

  for (const type of ['tcp', 'tls', 'pop3'] as const) {
    test(`${type}: an address that cannot be had is no fault of the backends`, async (t) => {
      const check = `health_check ${FAST} type=${type};`;
      const site = await startSite(t, {
        ...two({ allow: /bind\(192\.0\.2\.5\) failed/ }),
        server: `proxy_pass all; proxy_bind 192.0.2.5; ${check}`,
      });
      const bound = `\\[crit\\] [^\n]*bind\\(192.0.2.5\\) failed [^\n]*, health check "${type}" of peer`;
      await site.server.waitLog(new RegExp(`(?:${bound}[^]*){4}`));
      assert.doesNotMatch(site.server.log.text(), /peer is unhealthy/);
    });
  }

  test('tcp is a connection, to another port if need be', async (t) => {
    const site = await startSite(t, two({ mail: 'upstream all { zone all 64k; server #0 max_fails=0; }' }));
    const [first, second] = backendsOf(site);
    const other = await startSite(t, {
      ...two(),
      backends: [silence, silence],
      mail: `upstream all { zone all 64k; server ${peerText(first)}; server #1 down;
        health_check ${FAST} mandatory port=${second.port}; }`,
      server: 'proxy_pass all;',
    });
    assert.equal(first.host, second.host);
    await other.server.waitLog(new RegExp(`peer is healthy while [^\\n]* "tcp" of peer ${peerText(second)} in`));
    second.close();
    await other.server.waitLog(new RegExp(`peer is unhealthy while [^\\n]* "tcp" of peer ${peerText(second)} in`));
    assert.equal(other.backends[1]?.peers.length, 0, 'one that is down is not checked');
  });

  test('TLS from the first byte: the certificate has to be good', async (t) => {
    const conf = (name: string): string => `proxy_pass all; proxy_ssl on; ${CA} proxy_ssl_name ${name};`;
    const site = await startSite(t, {
      ...two(),
      backends: [overTls(well('a')), well('b')],
      server: `${conf('mail.example')} health_check ${FAST} mandatory;`,
    });
    const [first, second] = backendsOf(site);
    await site.server.waitLog(turned('healthy', first));
    await site.server.waitLog(turned('unhealthy', second));
    assert.match(
      site.server.log.text(),
      /SSL_do_handshake\(\) failed [^\n]*while SSL handshaking to upstream, health check/,
    );
    const wrong = await startSite(t, {
      ...two(),
      backends: [overTls(parts), overTls(parts)],
      server: `${conf('mail.elsewhere')} health_check ${FAST} type=tls;`,
    });
    await wrong.server.waitLog(turned('unhealthy', backendsOf(wrong)[0], 'tls'));
    assert.match(wrong.server.log.text(), /upstream SSL certificate does not match "mail.elsewhere"/);
    const right = await startSite(t, {
      ...two(),
      backends: [overTls(well('a')), overTls(well('b'))],
      server: `${conf('mail.example')} health_check ${FAST} type=tls mandatory;`,
    });
    await right.server.waitLog(turned('healthy', backendsOf(right)[0], 'tls'));
  });

  test('each handshake is a full one: a session that is resumed shows no certificate', async (t) => {
    const resumed: boolean[] = [];
    const secureContext = createSecureContext(BACKEND_TLS);
    const script: BackendScript = async (peer, index) => {
      resumed.push((await peer.acceptTls({ secureContext })).isSessionReused());
      await well('a')(peer, index);
    };
    const site = await startSite(t, {
      ...two(),
      backends: [script, script],
      server: `proxy_pass all; proxy_ssl on; ${CA} proxy_ssl_name mail.example; health_check ${FAST} mandatory;`,
    });
    const [first] = backendsOf(site);
    await (await first.peer(3)).closed();
    assert.ok(resumed.length > 3);
    assert.ok(!resumed.includes(true));
  });

  test('STARTTLS: who does not offer it is unhealthy', async (t) => {
    const site = await startSite(t, {
      ...two(),
      backends: [overStarttls('pop3', well('a')), well('b')],
      server: `proxy_pass all; proxy_ssl starttls; ${CA} proxy_ssl_name mail.example; health_check ${FAST} mandatory;`,
    });
    const [first, second] = backendsOf(site);
    await site.server.waitLog(turned('healthy', first));
    await site.server.waitLog(turned('unhealthy', second));
    assert.match(
      site.server.log.text(),
      /upstream does not offer STARTTLS while reading response from upstream, health/,
    );
  });

  test('servers that a name stands for come and go', async (t) => {
    const dns = await FakeDns.start();
    t.after(() => dns.close());
    const a = await startBackend(t, well('a'));
    const zone = (...ips: string[]): void => {
      dns.script('pop3.test', 'A', { answers: ips.map((data) => ({ type: 'A', name: 'pop3.test', data, ttl: 0 })) });
    };
    zone(a.host);
    const site = await startSite(t, {
      ...two(),
      mail: `resolver 127.0.0.1:${dns.port} valid=1s ipv6=off;
        upstream all { zone all 64k; server pop3.test:${a.port} resolve; health_check ${FAST} type=pop3 mandatory; }`,
      server: 'proxy_pass all;',
    });
    await site.server.waitLog(turned('healthy', a));
    assert.equal(await site.visit('u'), '+OK a');
    const b = await startBackend(t, well('b'), { host: ownAddress(1), port: a.port });
    zone(b.host);
    await site.server.waitLog(turned('healthy', b));
    assert.equal(await site.visit('u'), '+OK b');
  });

  test('with the PROXY protocol it speaks for nobody', async (t) => {
    const site = await startSite(t, two({ server: `proxy_pass all; proxy_protocol on; health_check ${FAST};` }));
    const [first] = backendsOf(site);
    const peer = await first.peer(0);
    await peer.match(/PROXY UNKNOWN\r\n/).catch(() => undefined);
    assert.match(peer.received.toString('latin1'), /^PROXY UNKNOWN\r\n/);
  });
});
