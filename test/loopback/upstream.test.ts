// Upstream groups at the real command: which backend a session comes to, and which one is asked when one fails.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type BackendScript, dialogue, imapBackend, silence, smtpBackend } from '../support/fake-backend.ts';
import { FakeDns } from '../support/fake-dns.ts';
import { ownAddress } from '../support/ports.ts';
import { named, sendTo, startSite } from '../support/upstream-site.ts';

const THREE = [named('a'), named('b'), named('c')];
const ALL = 'server #0; server #1; server #2;';
/** Turns sessions away. */
const full: BackendScript = async (peer) => {
  await peer.send('-ERR too many\r\n');
};

describe('upstreams', { concurrency: 8 }, () => {
  test('Auth-Server names an upstream, and its backends take turns', async (t) => {
    const { visit } = await startSite(t, {
      backends: THREE,
      mail: `upstream all { ${ALL} }`,
      answers: () => sendTo('all'),
    });
    const came = [await visit('u1'), await visit('u2'), await visit('u3'), await visit('u4')];
    assert.deepEqual(came, ['+OK a', '+OK b', '+OK c', '+OK a']);
  });

  test('proxy_pass is for sessions that the auth server sends nowhere', async (t) => {
    const { visit, auth } = await startSite(t, { backends: THREE, mail: '', server: 'proxy_pass #1;' });
    assert.equal(await visit('u1'), '+OK b');
    auth.script = (request, index) => sendTo(request.header('Auth-User') === 'u3' ? auth.host : '', 1)(request, index);
    assert.equal(await visit('u2'), '+OK b');
    assert.equal(await visit('u3'), '-ERR internal server error', 'an address that is named counts');
  });

  test('a backend that cannot be reached is left out, and the next one is asked', async (t) => {
    const { visit, server, backends } = await startSite(t, {
      backends: THREE,
      mail: `upstream all { ${ALL} }`,
      server: 'proxy_pass all;',
    });
    const [first] = backends;
    assert.ok(first !== undefined);
    first.close();
    assert.deepEqual([await visit('u1'), await visit('u2'), await visit('u3')], ['+OK b', '+OK c', '+OK b']);
    const log = server.log.text();
    const suffix = `login: "u1", upstream: ${first.host}:${first.port}`;
    assert.match(log, new RegExp(`\\[error\\] .*(?:recv|connect)\\(\\) .*failed \\(111: .*${suffix}`));
    assert.match(log, new RegExp(`\\[warn\\] .*upstream server temporarily disabled .*${suffix}`));
    assert.equal(log.match(/failed \(111/g)?.length, 1, 'it is asked once in fail_timeout');
  });

  test('a greeting that turns a session away has the next backend asked; one after the user name has not', async (t) => {
    const { visit, backends } = await startSite(t, {
      backends: [full, dialogue(['+OK ready\r\n', '-ERR who?\r\n']), named('c')],
      mail: 'upstream all { server #0; server #1; server #2 backup; }',
      server: 'proxy_pass all;',
    });
    assert.equal(await visit('u1'), '-ERR internal server error');
    assert.deepEqual(
      backends.map(({ peers }) => peers.length),
      [1, 1, 0],
    );
  });

  /** Where it stops, whether by an end or by silence, and what it has heard by then. */
  const stops: readonly (readonly [string, readonly string[], string])[] = [
    ['the user name', ['+OK ready\r\n'], 'USER u1\r\n'],
    ['the password', ['+OK ready\r\n', '+OK\r\n'], 'USER u1\r\nPASS secret\r\n'],
  ];
  const ends: readonly (readonly [string, BackendScript, RegExp])[] = [
    ['breaks off', async () => {}, /./],
    ['hangs', silence, /upstream timed out/],
  ];
  for (const [what, texts, heard] of stops) {
    for (const [how, end, record] of ends) {
      test(`nobody else is asked where a backend ${how} behind ${what}`, async (t) => {
        const stop = dialogue(texts, async (peer, index) => {
          await peer.line(60_000);
          await end(peer, index);
        });
        const { visit, backends, server } = await startSite(t, {
          backends: [stop, named('b')],
          mail: 'timeout 600ms; upstream all { server #0; server #1 backup; }',
          server: 'proxy_pass all;',
        });
        assert.equal(await visit('u1'), '-ERR internal server error');
        assert.deepEqual(
          backends.map(({ peers }) => peers.map(({ received }) => received.toString('latin1'))),
          [[heard], []],
        );
        assert.match(server.log.text(), record);
      });
    }
  }

  test('greetings of IMAP and SMTP that turn a session away', async (t) => {
    const says =
      (greeting: string): BackendScript =>
      async (peer) => {
        await peer.send(greeting);
      };
    const { server, backends } = await startSite(t, {
      backends: [
        says('* BYE full\r\n'),
        imapBackend,
        says('421 4.3.2 full\r\n'),
        says('554 5.7.1 not you\r\n'),
        smtpBackend,
      ],
      mail: `upstream imap { server #0; server #1; }
        upstream temporary { server #2; server #4; } upstream permanent { server #3; server #4; }`,
      server: 'proxy_pass imap;',
      more: `server { listen @imap@; protocol imap; proxy_pass imap; }
        server { listen @temporary@; protocol smtp; smtp_auth none; proxy_pass temporary; }
        server { listen @permanent@; protocol smtp; smtp_auth none; proxy_pass permanent; }`,
    });
    const last = async (listener: string, ...lines: readonly string[]): Promise<string> => {
      const wire = await server.connect(listener);
      t.after(() => wire.destroy());
      let reply = await wire.line();
      for (const line of lines) {
        await wire.send(`${line}\r\n`);
        reply = await wire.line(60_000);
      }
      return reply;
    };
    const envelope = ['HELO c', 'MAIL FROM:<a@b>', 'RCPT TO:<c@d>'] as const;
    assert.equal(await last('imap', 'a LOGIN joe secret'), 'a OK logged in\r\n');
    assert.equal(await last('temporary', ...envelope), '250 [RCPT TO:<c@d>]\r\n');
    assert.equal(await last('permanent', ...envelope), '451 4.3.2 Internal server error\r\n');
    assert.equal(await last('permanent', ...envelope), '250 [RCPT TO:<c@d>]\r\n', 'the turn of the other one');
    assert.equal(await last('permanent', ...envelope), '451 4.3.2 Internal server error\r\n', 'which is no failure');
    assert.equal(backends[3]?.peers.length, 2);
  });

  test('STARTTLS belongs to the greeting: where a backend has none the next one is asked', async (t) => {
    const without = dialogue(['+OK ready\r\n', '-ERR what?\r\n', '-ERR what?\r\n'], silence);
    const { visit, backends } = await startSite(t, {
      backends: [without, without],
      mail: 'upstream all { server #0; server #1; }',
      server: 'proxy_pass all; proxy_ssl starttls;',
    });
    assert.equal(await visit('u1'), '-ERR internal server error');
    assert.deepEqual(
      backends.map(({ peers }) => peers.length),
      [1, 1],
    );
  });

  test('a backend that does not greet in proxy_connect_timeout has the next one asked', async (t) => {
    const { visit, server } = await startSite(t, {
      backends: [silence, named('b')],
      mail: 'upstream all { server #0; server #1; }',
      server: 'proxy_pass all; proxy_connect_timeout 2s;',
    });
    assert.equal(await visit('u1'), '+OK b');
    assert.match(server.log.text(), /upstream timed out \(110: Connection timed out\) while connecting to upstream/);
  });

  test('the time of proxy_connect_timeout is for the greeting only', async (t) => {
    let go: () => void = () => {};
    const later = new Promise<void>((resolve) => {
      go = resolve;
    });
    const slow: BackendScript = async (peer, index) => {
      await dialogue(['+OK ready\r\n', '+OK\r\n'], async () => {
        await later;
        await peer.send('+OK slow\r\n');
      })(peer, index);
    };
    const { login, visit, backends } = await startSite(t, {
      backends: [slow, silence],
      mail: 'upstream hung { server #1; }',
      server: 'proxy_pass #0; proxy_connect_timeout 2s;',
      more: 'server { listen @hung@; protocol pop3; proxy_pass hung; proxy_connect_timeout 2s; }',
    });
    const [slowOne] = backends;
    const session = login('u1');
    await slowOne?.peer(0);
    assert.equal(await visit('u2', 'hung'), '-ERR internal server error');
    go();
    assert.equal((await session).reply, '+OK slow');
  });

  test('proxy_next_upstream off, and proxy_next_upstream_tries', async (t) => {
    const { visit, backends } = await startSite(t, {
      backends: [full, full, named('c')],
      mail: 'upstream all { server #0 max_fails=0; server #1 max_fails=0; server #2; }',
      server: 'proxy_pass all; proxy_next_upstream off;',
      more: 'server { listen @two@; protocol pop3; proxy_pass all; proxy_next_upstream_tries 2; }',
    });
    assert.equal(await visit('u1'), '-ERR internal server error');
    assert.equal(backends[0]?.peers.length, 1);
    assert.equal(backends[1]?.peers.length, 0);
    assert.equal(await visit('u2', 'two'), '+OK c', 'the turn of the second and the third');
  });

  test('without a backend that may be asked there are no live upstreams', async (t) => {
    const { visit, server } = await startSite(t, {
      backends: [],
      mail: 'upstream none { server 127.0.0.1:1 down; server 127.0.0.1:2 down; }',
      server: 'proxy_pass none;',
    });
    assert.equal(await visit('u1'), '-ERR internal server error');
    assert.match(
      server.log.text(),
      /\[error\] .*: \*\d+ no live upstreams while connecting to upstream, .*login: "u1", upstream: none\n/,
    );
  });

  test('max_conns counts sessions, not logins', async (t) => {
    const { login, visit } = await startSite(t, {
      backends: THREE,
      mail: 'upstream all { server #0 max_conns=1; server #1 backup; }',
      server: 'proxy_pass all;',
    });
    const { reply, wire } = await login('u1');
    assert.equal(reply, '+OK a');
    assert.equal(await visit('u2'), '+OK b');
    await wire.send('QUIT\r\n');
    await wire.expectLine('+OK QUIT\r\n');
    await wire.closed();
    assert.equal(await visit('u3'), '+OK a');
  });

  test('least_conn goes by sessions', async (t) => {
    const { login } = await startSite(t, {
      backends: THREE,
      mail: `upstream all { least_conn; ${ALL} }`,
      server: 'proxy_pass all;',
    });
    const one = await login('u1');
    const two = await login('u2');
    const three = await login('u3');
    assert.deepEqual([one.reply, two.reply, three.reply], ['+OK a', '+OK b', '+OK c']);
    await two.wire.send('QUIT\r\n');
    await two.wire.expectLine('+OK QUIT\r\n');
    await two.wire.closed();
    assert.equal((await login('u4')).reply, '+OK b');
  });

  test('hash $mail_user consistent: a user comes to the same backend, and few move when one goes', async (t) => {
    const { visit, backends } = await startSite(t, {
      backends: THREE,
      mail: `upstream all { hash $mail_user consistent; ${ALL} }`,
      server: 'proxy_pass all;',
    });
    const users = Array.from({ length: 24 }, (_, i) => `user${i}@example.org`);
    const where = async (): Promise<string[]> => Promise.all(users.map((user) => visit(user)));
    const before = await where();
    assert.deepEqual(await where(), before);
    assert.equal(new Set(before).size, 3);
    backends[0]?.close();
    for (const [i, after] of (await where()).entries()) {
      if (before[i] === '+OK a') assert.notEqual(after, '+OK a');
      else assert.equal(after, before[i]);
    }
  });

  test('affinity: a user stays on a backend while a session lives, and for the time after it', async (t) => {
    const { login, visit } = await startSite(t, {
      backends: THREE,
      mail: `upstream all { affinity $mail_user zone=aff:64k timeout=60s; ${ALL} }
        upstream short { affinity $mail_user zone=brief:64k timeout=1ms; ${ALL} }`,
      server: 'proxy_pass all;',
      more: 'server { listen @short@; protocol pop3; proxy_pass short; }',
    });
    assert.equal((await login('u1')).reply, '+OK a');
    assert.equal(await visit('u2'), '+OK b');
    for (let i = 0; i < 4; i++) assert.deepEqual([await visit('u1'), await visit('u2')], ['+OK a', '+OK b']);
    assert.equal((await login('u1', 'short')).reply, '+OK a');
    assert.equal(await visit('u1', 'short'), '+OK a', 'the other session lives');
    const came = new Set<string>();
    while (came.size < 3) came.add(await visit('u3', 'short'));
  });

  test('affinity: a user whose backend fails moves for good', async (t) => {
    const { visit, backends } = await startSite(t, {
      backends: THREE,
      mail: `upstream all { affinity $mail_user zone=aff:64k; ${ALL} }`,
      server: 'proxy_pass all;',
    });
    assert.equal(await visit('u1'), '+OK a');
    assert.equal(await visit('u2'), '+OK b');
    backends[0]?.close();
    const moved = await visit('u1');
    assert.notEqual(moved, '+OK a');
    for (let i = 0; i < 3; i++) assert.deepEqual([await visit('u1'), await visit('u2')], [moved, '+OK b']);
  });

  test('a server without a port has that of Auth-Port; unix sockets need none', async (t) => {
    const { visit, auth, backends, server } = await startSite(t, {
      backends: [named('a')],
      mail: `upstream bare { server ${ownAddress(1)}; } upstream sock { server unix:@DIR@/b.sock; }`,
      answers: ([backend]) => sendTo('bare', backend?.port),
    });
    assert.equal(await visit('u1'), '+OK a');
    const path = join(server.dir, 'b.sock');
    const listener = createServer((socket) => socket.on('error', () => {}).end('-ERR by the socket\r\n'));
    await new Promise<void>((resolve) => listener.listen(path, resolve));
    t.after(() => {
      listener.close();
      rmSync(path, { force: true });
    });
    for (const name of ['sock', `unix:${path}`]) {
      auth.script = sendTo(name);
      assert.equal(await visit('u2'), '-ERR internal server error');
      await server.waitLog(new RegExp(`"-ERR by the socket" .*upstream: unix:${path}`));
    }
    assert.equal(backends[0]?.peers.length, 1);
  });

  test('Auth-Server is a host name where there is a resolver, and all of its addresses are asked', async (t) => {
    const dns = await FakeDns.start();
    t.after(() => dns.close());
    dns.script('mail.example.org', 'A', {
      answers: [{ type: 'A', name: 'mail.example.org', ttl: 60, data: ownAddress(1) }],
    });
    dns.script('no.example.org', 'A', { rcode: 3 });
    const { visit, auth, server } = await startSite(t, {
      backends: [named('a')],
      mail: `resolver 127.0.0.1:${dns.port} ipv6=off;`,
      answers: ([backend]) => sendTo('mail.example.org', backend?.port),
    });
    assert.equal(await visit('u1'), '+OK a');
    auth.script = sendTo('no.example.org', 143);
    assert.equal(await visit('u2'), '-ERR internal server error');
    assert.match(server.log.text(), /\[error\] .*no\.example\.org could not be resolved \(3: Host not found\)/);
    auth.script = sendTo('no such name', 143);
    assert.equal(await visit('u3'), '-ERR internal server error');
    assert.match(server.log.text(), /sent invalid server address:"no such name"/);
  });

  test('proxy_pass with a variable: an upstream, or an address', async (t) => {
    const { visit } = await startSite(t, {
      backends: THREE,
      mail: `upstream all { server #2; }
        map $mail_user $to { u1 all; u2 #1; u3 "not an address"; default #0; }`,
      server: 'proxy_pass $to;',
    });
    const came = [await visit('u1'), await visit('u2'), await visit('u3'), await visit('u4')];
    assert.deepEqual(came, ['+OK c', '+OK b', '-ERR internal server error', '+OK a']);
  });

  test('proxy_bind and proxy_socket_keepalive', async (t) => {
    const from = ownAddress(0);
    const { visit, backends, server } = await startSite(t, {
      backends: [named('a')],
      mail: '',
      server: `proxy_pass #0; proxy_bind ${from}; proxy_socket_keepalive on;`,
      more: `server { listen @bad@; protocol pop3; proxy_pass #0; proxy_bind 192.0.2.1; }`,
      allow: /192\.0\.2\.1|failed \(99/,
    });
    assert.equal(await visit('u1'), '+OK a');
    assert.equal(backends[0]?.peers[0]?.remoteAddress, from);
    assert.equal(await visit('u2', 'bad'), '-ERR internal server error');
    assert.match(
      server.log.text(),
      /\[crit\] .*bind\(192\.0\.2\.1\) failed \(99: Cannot assign requested address\) while connecting/,
    );
  });
});
