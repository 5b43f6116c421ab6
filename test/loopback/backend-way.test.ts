// What an answer of the auth service says of the way to a backend: the PROXY header, and where we come from.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { accept } from '../support/fake-auth.ts';
import { type BackendScript, imapBackend } from '../support/fake-backend.ts';
import { type Answer, Arena } from '../support/mail-spec/arena.ts';
import { type LoggedCase, loggedSpec } from '../support/mail-spec/logged.ts';
import { ownAddress } from '../support/ports.ts';
import { overStarttls, overTls } from '../support/secure-backend.ts';
import { named, startSite } from '../support/upstream-site.ts';

const BLOCKS = {
  plain: { protocol: 'imap' },
  v1: { protocol: 'imap', conf: 'proxy_protocol on; auth_http_trust_ssl on;' },
  tls: { protocol: 'imap', conf: `proxy_ssl on; proxy_ssl_pin ${'00'.repeat(32)};` },
} as const;

const says =
  (...headers: readonly string[]): Answer =>
  (backend) =>
    accept(backend, ...headers);

/** Nobody is connected to. */
const failing = (headers: readonly string[], why: string): LoggedCase => ({
  name: `${headers.join(', ')} fails the login`,
  block: 'v1',
  answers: [says(...headers)],
  lines: (user) => [`C: a LOGIN ${user} secret`, 'S: * BAD internal server error', '--'],
  next: (_wire, { backend }) => assert.equal(backend.peers.length, 0),
  records: (log) => [log.upstream(`[error] auth http server ${log.auth} ${why} while in http auth state`)],
});

const stranger = (block: 'plain' | 'tls'): LoggedCase => ({
  name: `${block}: an address that is none of this machine fails the login`,
  block,
  answers: [says('Auth-Source-IP: 192.0.2.1')],
  lines: (user) => [`C: a LOGIN ${user} secret`, 'S: * BAD internal server error', '--'],
  next: (_wire, { backend }) => assert.equal(backend.peers.length, 0),
  records: (log) => [
    log.upstream('[crit] bind(192.0.2.1) failed (99: Cannot assign requested address) while connecting to upstream'),
  ],
});

loggedSpec('a backend on a way that', { blocks: BLOCKS, allow: /bind\(192\.0\.2\.1\) failed/ }, [
  failing(['Auth-Upstream-Protocol: v3'], 'sent invalid upstream protocol:"v3"'),
  failing(['Auth-Upstream-Protocol:'], 'sent invalid upstream protocol:""'),
  failing(['Auth-Upstream-Protocol: on'], 'sent invalid upstream protocol:"on"'),
  failing(['Auth-Upstream-Protocol: v1\x07'], 'sent invalid upstream protocol:"v1\\x07"'),
  failing(['Auth-Source-IP: here'], 'sent invalid source address:"here"'),
  failing(['Auth-Source-IP: 127.0.0.1:25'], 'sent invalid source address:"127.0.0.1:25"'),
  failing(['Auth-Source-IP:'], 'sent invalid source address:""'),
  ...['0.0.0.0', '::', '224.0.0.1', '255.255.255.255', 'ff02::1', '::1%lo'].map((address) =>
    failing([`Auth-Source-IP: ${address}`], `sent invalid source address:"${address}"`),
  ),
  stranger('plain'),
  stranger('tls'),
]);

const V2 = '\r\n\r\n\0\r\nQUIT\n';

describe('the PROXY header that a backend gets', { concurrency: 4 }, () => {
  /** @returns what comes first */
  const headerOf = async (t: Parameters<typeof Arena.start>[0], block: string, header: string): Promise<string> => {
    const arena = await Arena.start(t, { blocks: BLOCKS });
    const backend: BackendScript = async (peer, index) => {
      await peer.send('* OK hi\r\n');
      if (header !== 'off') {
        const [first = ''] = await peer.match(/^[\s\S]{13}/);
        peer.putBack(first);
        if (first.startsWith(V2.slice(0, 12))) {
          const head = await peer.bytes(16);
          await peer.bytes(head.readUInt16BE(14));
        } else await peer.line();
      }
      peer.skipSend();
      await imapBackend(peer, index);
    };
    const stage = await arena.stage(t, 'imap', { backend, answers: [says(`Auth-Upstream-Protocol: ${header}`)] });
    const wire = await arena.open(t, block);
    await wire.send(`a LOGIN ${stage.user} secret\r\n`);
    await wire.expectLine('a OK logged in\r\n');
    wire.destroy();
    return stage.backend.peers[0]?.received.toString('latin1') ?? '';
  };

  test('is of the version that the answer names', async (t) => {
    assert.match(await headerOf(t, 'plain', 'v1'), /^PROXY TCP4 127\.\S+ 127\.\S+ \d+ \d+\r\na LOGIN /);
    const v2 = await headerOf(t, 'v1', 'V2');
    assert.ok(v2.startsWith(V2.slice(0, 12)));
    assert.match(v2, /a LOGIN /);
  });

  test('is none where the answer says so', async (t) => {
    assert.match(await headerOf(t, 'v1', 'off'), /^a LOGIN /);
  });
});

describe('where a backend is connected to from', { concurrency: 4 }, () => {
  const answer =
    (server: string, ...headers: readonly string[]) =>
    () =>
      ['HTTP/1.0 200 OK', 'Auth-Status: OK', `Auth-Server: ${server}`, ...headers, '', ''].join('\r\n');

  test('is what the answer says, in place of proxy_bind, whatever comes first there', async (t) => {
    const from = '127.0.0.1';
    const came: (string | undefined)[] = [];
    const noting =
      (script: BackendScript): BackendScript =>
      (peer, index) => {
        came.push(peer.remoteAddress);
        return script(peer, index);
      };
    const { visit, auth } = await startSite(t, {
      backends: [named('a'), overTls(named('b')), overStarttls('pop3', named('c'))].map(noting),
      mail: `proxy_bind ${ownAddress(0)};
        upstream clear { server #0; } upstream secure { server #1; } upstream upgraded { server #2; }`,
    });
    auth.script = answer('clear');
    assert.equal(await visit('u1'), '+OK a');
    auth.script = answer('clear', `Auth-Source-IP: ${from}`);
    assert.equal(await visit('u2'), '+OK a');
    auth.script = answer('secure', `Auth-Source-IP: ${from}`, 'Auth-Upstream-SSL: on', 'Auth-Upstream-Protocol: v1');
    assert.equal(await visit('u3'), '+OK b');
    auth.script = answer('upgraded', `Auth-Source-IP: ${from}`, 'Auth-Upstream-SSL: starttls');
    assert.equal(await visit('u4'), '+OK c');
    assert.deepEqual(came, [ownAddress(0), from, from, from]);
  });

  test('an address that cannot be had is no fault of the backends', async (t) => {
    const { visit, auth, backends, server } = await startSite(t, {
      backends: [named('a'), named('b')],
      mail: 'upstream all { server #0; server #1; }',
      allow: /bind\(\S+\) failed/,
    });
    auth.script = answer('all', 'Auth-Source-IP: 192.0.2.1');
    assert.equal(await visit('u1'), '-ERR internal server error');
    assert.equal(await visit('u2'), '-ERR internal server error');
    auth.script = answer('all', 'Auth-Source-IP: ::1');
    assert.equal(await visit('u3'), '-ERR internal server error');
    assert.equal(server.log.text().match(/\[crit\] .*bind\(/g)?.length, 3, 'one record for each login');
    assert.doesNotMatch(server.log.text(), /temporarily disabled/);
    auth.script = answer('all');
    const came = [await visit('u4'), await visit('u5')];
    assert.deepEqual(came.sort(), ['+OK a', '+OK b']);
    assert.deepEqual(
      backends.map(({ peers }) => peers.length),
      [1, 1],
    );
  });
});
