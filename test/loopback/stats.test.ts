// What is counted of sessions, at the real command, over both transports: each event where it belongs, and once.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { base64, saslPlain } from '../support/bytes.ts';
import { serverCertificate } from '../support/certificate.ts';
import { Cleanup } from '../support/cleanup.ts';
import { type AuthAnswer, accept, refuse, response, startAuth } from '../support/fake-auth.ts';
import { dialogue, imapBackend, pop3Backend, startBackend } from '../support/fake-backend.ts';
import { metric } from '../support/metrics.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { STATS_SERVER, StatsPage, type Wanted } from '../support/stats-page.ts';
import { defaultTarget } from '../support/target.ts';
import type { Wire } from '../support/wire.ts';

const TRANSPORTS = ['handle', 'net'] as const;
type Transport = (typeof TRANSPORTS)[number];

const IMAP = { server: 'front', protocol: 'imap' } as const;
const POP3 = { server: 'pop "3"\\', protocol: 'pop3' } as const;
const SLOW = { server: 'slow', protocol: 'imap' } as const;
const SECURE = { server: 'secure', protocol: 'imap' } as const;

const logins = (labels: Readonly<Record<string, string>>, method: string, outcome: string, value: number) =>
  ['postern_mail_logins_total', { ...labels, method, outcome }, value] as const;

interface Site {
  readonly server: MailServer;
  readonly page: StatsPage;
  open(name: string): Promise<Wire>;
  /** A LOGIN in a session of its own. @returns its reply */
  login(user: string, listener?: string): Promise<{ readonly reply: string; readonly wire: Wire }>;
}

/** What the auth server does is told by the user's name. */
async function site(t: TestContext, transport: Transport, limits = ''): Promise<Site> {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const backend = await startBackend(scope, imapBackend);
  const pop3 = await startBackend(scope, pop3Backend);
  const refusing = await startBackend(scope, dialogue(['* OK ready\r\n', '+ OK\r\n', '+ OK\r\n', '$TAG NO no\r\n']));
  const gone = await startBackend(scope, imapBackend);
  gone.close();
  const answers: Readonly<Record<string, string | AuthAnswer>> = {
    refused: refuse('no'),
    broken: response('Auth-Status: OK'),
    silent: { bytes: '' },
    group: response('Auth-Status: OK', 'Auth-Server: group', 'Auth-Port: 143'),
    busy: accept(refusing),
    nobody: accept(gone),
    pop3: accept(pop3),
    closed: { bytes: '', ending: 'close' },
  };
  const auth = await startAuth(scope, (request) => answers[request.header('Auth-User') ?? ''] ?? accept(backend));
  const target = defaultTarget();
  const server = await startServer(scope, {
    target: { ...target, globals: `${target.globals.replace(/transport \w+;/, '')} transport ${transport};` },
    config: `mail {
      auth_http ${auth.url}; server_name mx.example.org;
      upstream group { zone group 64k; server ${gone.host}:${gone.port}; server ${backend.host}:${backend.port}; }
      server { listen @imap@; protocol imap; imap_auth plain login cram-md5 external; status_zone front; ${limits} }
      server { listen @pop3@; protocol pop3; pop3_auth plain apop; status_zone 'pop "3"\\\\'; }
      server {
        listen @tls@ ssl; protocol imap; status_zone secure; auth_http_cache zone=answers:1m; auth_http_cache_valid 1h;
        ssl_certificate ${serverCertificate.cert}; ssl_certificate_key ${serverCertificate.key};
      }
      server { listen @slow@; protocol imap; status_zone slow; auth_http_timeout 100ms; }
      server { listen @shared@; protocol imap; status_zone front; deny all; }
    }
    ${STATS_SERVER}`,
    logLevel: 'info',
    allow: /auth http server|no live upstreams|internal/,
  });
  const open = async (name: string): Promise<Wire> => {
    const wire = await server.connect(name);
    scope.after(() => wire.destroy());
    return wire;
  };
  return {
    server,
    page: new StatsPage(server),
    open,
    login: async (user, listener = 'imap') => {
      const wire = await open(listener);
      if (listener === 'tls') await wire.startTls();
      await wire.expectLine('* OK IMAP4 ready\r\n');
      await wire.send(`a LOGIN ${user} secret\r\n`);
      return { reply: await wire.line(), wire };
    },
  };
}

for (const transport of TRANSPORTS) {
  describe(`over ${transport}`, { concurrency: 4 }, () => {
    test('what becomes of a login, by the way that the client logs in', async (t) => {
      const { page, login, open } = await site(t, transport);
      assert.match((await login('someone')).reply, /^a OK/);
      assert.match((await login('refused')).reply, /^a NO/);
      assert.match((await login('broken')).reply, /internal/);
      assert.match((await login('silent', 'slow')).reply, /internal/);
      assert.match((await login('busy')).reply, /internal/);
      assert.match((await login('nobody')).reply, /internal/);
      assert.match((await login('closed')).reply, /internal/);
      const wire = await open('imap');
      await wire.line();
      await wire.send(`b AUTHENTICATE PLAIN ${saslPlain('refused', 'x')}\r\n`);
      await wire.expectLine(/^b NO/);
      const external = await open('imap');
      await external.line();
      await external.send(`c AUTHENTICATE EXTERNAL ${base64('someone')}\r\n`);
      assert.match(await external.line(), /internal/); // the backend would want a password
      const pop = await open('pop3');
      const [, salt = ''] = /(<.*>)/.exec(await pop.line()) ?? [];
      assert.notEqual(salt, '');
      await pop.send(`APOP refused 0123456789abcdef0123456789abcdef\r\n`);
      await pop.expectLine(/^-ERR/);
      const families = await page.until([
        logins(IMAP, 'login', 'ok', 1),
        logins(IMAP, 'login', 'refused', 1),
        logins(IMAP, 'login', 'error', 4),
        logins(IMAP, 'external', 'error', 1),
        logins(IMAP, 'plain', 'refused', 1),
        logins(IMAP, 'plain', 'ok', 0),
        logins(POP3, 'apop', 'refused', 1),
        logins(POP3, 'login', 'ok', 0),
        ['postern_mail_connections_total', IMAP, 8],
        ['postern_mail_connections_total', POP3, 1],
        ['postern_mail_auth_http_failures_total', { ...IMAP, reason: 'timeout' }, 0],
        ['postern_mail_auth_http_failures_total', { ...IMAP, reason: 'other' }, 1],
        ['postern_mail_auth_http_failures_total', { ...SLOW, reason: 'timeout' }, 1],
        ['postern_mail_auth_http_failures_total', { ...SLOW, reason: 'other' }, 0],
        ['postern_mail_backend_failures_total', { ...IMAP, reason: 'refused' }, 1],
        ['postern_mail_backend_failures_total', { ...IMAP, reason: 'broken' }, 1],
        ['postern_mail_auth_http_duration_seconds_count', IMAP, 8],
      ]);
      // The one that was waited for took as long as it may.
      assert.ok(metric(families, 'postern_mail_auth_http_duration_seconds_sum', SLOW) >= 0.09);
      assert.equal(metric(families, 'postern_mail_auth_http_duration_seconds_bucket', { ...IMAP, le: '+Inf' }), 8);
    });

    test('bytes of the relay, and sessions that are there now', async (t) => {
      const { page, login } = await site(t, transport);
      const { wire } = await login('someone');
      const other = await login('someone');
      const open: Wanted = [
        ['postern_mail_sessions', IMAP, 2],
        ['postern_mail_relay_sessions', IMAP, 2],
      ];
      const before = await page.until(open);
      const bytes = (families: typeof before, direction: string): number =>
        metric(families, 'postern_mail_relay_bytes_total', { ...IMAP, direction });
      const [up, down] = [bytes(before, 'from_client'), bytes(before, 'to_client')];
      const line = `x ${'y'.repeat(1000)}\r\n`;
      await wire.send(line);
      const answer = await wire.line();
      await page.until([
        ['postern_mail_relay_bytes_total', { ...IMAP, direction: 'from_client' }, up + line.length],
        ['postern_mail_relay_bytes_total', { ...IMAP, direction: 'to_client' }, down + answer.length],
      ]);
      wire.destroy();
      other.wire.destroy();
      await page.until([
        ['postern_mail_sessions', IMAP, 0],
        ['postern_mail_relay_sessions', IMAP, 0],
        ['postern_mail_connections_total', IMAP, 2],
      ]);
    });

    test('handshakes, by version and whether they were resumed, and answers that were known', async (t) => {
      const { page, login, open } = await site(t, transport);
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        const wire = await open('tls');
        await wire.startTls({ minVersion: version, maxVersion: version });
        await wire.expectLine('* OK IMAP4 ready\r\n');
        wire.destroy();
      }
      const broken = await open('tls');
      await broken.send('this is no ClientHello at all\r\n');
      await broken.closed();
      for (let i = 0; i < 3; i++) assert.match((await login('someone', 'tls')).reply, /^a OK/);
      await page.until([
        ['postern_mail_tls_handshakes_total', { ...SECURE, version: 'TLSv1.2', resumed: 'no' }, 1],
        ['postern_mail_tls_handshakes_total', { ...SECURE, version: 'TLSv1.3', resumed: 'no' }, 4],
        ['postern_mail_tls_handshakes_total', { ...SECURE, version: 'TLSv1.3', resumed: 'yes' }, 0],
        ['postern_mail_tls_failures_total', { ...SECURE, reason: 'handshake' }, 1],
        ['postern_mail_auth_http_cache_hits_total', SECURE, 2],
        ['postern_mail_auth_http_duration_seconds_count', SECURE, 1],
        ['postern_mail_backend_login_duration_seconds_count', SECURE, 3],
      ]);
    });

    test('a session that is resumed is counted as one', async (t) => {
      const { page, open } = await site(t, transport);
      const first = await open('tls');
      const tls = await first.startTls({ maxVersion: 'TLSv1.2' });
      const session = tls.getSession();
      assert.ok(session !== undefined);
      await first.line();
      first.destroy();
      const again = await open('tls');
      const resumed = await again.startTls({ maxVersion: 'TLSv1.2', session });
      assert.ok(resumed.isSessionReused());
      await again.line();
      await page.until([
        ['postern_mail_tls_handshakes_total', { ...SECURE, version: 'TLSv1.2', resumed: 'yes' }, 1],
        ['postern_mail_tls_handshakes_total', { ...SECURE, version: 'TLSv1.2', resumed: 'no' }, 1],
      ]);
    });

    test('limits, and servers that are counted together', async (t) => {
      const { page, open } = await site(t, transport, 'max_errors 2; max_commands 3;');
      const denied = await open('shared');
      await denied.closed();
      const wrong = await open('imap');
      await wrong.line();
      await wrong.send('a NONSENSE\r\nb NONSENSE\r\n');
      await wrong.closed();
      const busy = await open('imap');
      await busy.line();
      await busy.send('a NOOP\r\nb NOOP\r\nc NOOP\r\nd NOOP\r\n');
      await busy.closed();
      await page.until([
        ['postern_mail_limits_total', { ...IMAP, limit: 'access' }, 1],
        ['postern_mail_limits_total', { ...IMAP, limit: 'max_errors' }, 1],
        ['postern_mail_limits_total', { ...IMAP, limit: 'max_commands' }, 1],
        ['postern_mail_limits_total', { ...IMAP, limit: 'worker_connections' }, 0],
        ['postern_mail_connections_total', IMAP, 3],
        ['postern_mail_sessions', IMAP, 0],
      ]);
    });

    test('backends of a group: how often they were chosen, have failed, and what went through', async (t) => {
      const { page, login } = await site(t, transport);
      const { wire, reply } = await login('group');
      assert.match(reply, /^a OK/);
      await wire.send('x NOOP\r\n');
      await wire.line();
      const families = await page.until([['postern_mail_relay_sessions', IMAP, 1]]);
      const peers = families.flatMap(({ samples }) => samples).filter(({ labels }) => labels.upstream === 'group');
      const all = (name: string, more: Readonly<Record<string, string>> = {}): number[] =>
        peers
          .filter((one) => one.name === `postern_mail_upstream_peer_${name}`)
          .filter(({ labels }) => Object.entries(more).every(([k, v]) => labels[k] === v))
          .map(({ value }) => value);
      assert.deepEqual(all('failures_total'), [1, 0]);
      assert.deepEqual(all('unavailable_total'), [1, 0]);
      assert.deepEqual(all('connections_total'), [1, 1]);
      assert.deepEqual(all('sessions'), [0, 1]);
      assert.deepEqual(all('state', { state: 'up' }), [0, 1]);
      assert.deepEqual(all('state', { state: 'unavail' }), [1, 0]);
      assert.deepEqual(all('login_duration_seconds_count'), [0, 1]);
      assert.equal(all('bytes_total', { direction: 'to_peer' })[1], 'x NOOP\r\n'.length);
      const group = await page.api('/9/mail/upstreams/group');
      assert.ok(typeof group === 'object' && group !== null && 'peers' in group && 'zone' in group);
      assert.equal(group.zone, 'group');
      assert.ok(Array.isArray(group.peers));
      const states: unknown[] = group.peers.map((peer) => [peer.state, peer.active, peer.fails]);
      assert.deepEqual(states, [
        ['unavail', 0, 1],
        ['up', 1, 0],
      ]);
      wire.destroy();
      await page.until([['postern_mail_relay_sessions', IMAP, 0]]);
    });
  });
}

test('a backend that a health check has turned away is unhealthy, and its checks are shown', async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const backend = await startBackend(scope, imapBackend);
  const gone = await startBackend(scope, imapBackend);
  gone.close();
  const server = await startServer(scope, {
    config: `mail {
      auth_http off; timeout 10s;
      upstream checked {
        zone checked 64k; health_check interval=100ms type=tcp;
        server ${gone.host}:${gone.port}; server ${backend.host}:${backend.port};
      }
      server { listen @imap@; protocol imap; proxy_pass checked; }
    }
    ${STATS_SERVER}`,
    allow: /health check|unhealthy/,
  });
  const page = new StatsPage(server);
  const states = (state: string, address: { readonly host: string; readonly port: number }, value: number) =>
    [
      'postern_mail_upstream_peer_state',
      { upstream: 'checked', address: `${address.host}:${address.port}`, state },
      value,
    ] as const;
  await page.until([states('unhealthy', gone, 1), states('up', gone, 0), states('up', backend, 1)]);
  const group = await page.api('/9/mail/upstreams/checked');
  assert.ok(typeof group === 'object' && group !== null && 'peers' in group && Array.isArray(group.peers));
  const [ill, well] = group.peers;
  assert.equal(ill.state, 'unhealthy');
  assert.ok(ill.health_checks.checks > 0 && ill.health_checks.fails > 0);
  assert.deepEqual([ill.health_checks.unhealthy, ill.health_checks.last_passed], [1, false]);
  assert.deepEqual([well.state, well.health_checks?.fails ?? 0], ['up', 0]);
});

test('a configuration that shows nothing counts nothing, and says what stub_status says', async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const server = await startServer(scope, {
    config: `mail { auth_http 127.0.0.1:9; server { listen @imap@; protocol imap; } }
    http { access_log off; server { listen @web@; location = /status { stub_status; } location = /healthz { healthz; } } }`,
  });
  const wire = await server.connect('imap');
  await wire.line();
  const web = await server.connect('web');
  await web.send('GET /status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.match((await web.rest()).toString(), /Active connections: 2 \n/);
  for (const one of [wire, web]) one.destroy();
});
