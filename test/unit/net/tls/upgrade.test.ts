// The handshake on an accepted connection: what it tells, and how it fails.
import assert from 'node:assert/strict';
import { connect as connectPlain, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { IGNORE } from '../../../../src/net/connection.ts';
import { StreamConnection } from '../../../../src/net/stream-connection.ts';
import { opensslText } from '../../../../src/net/tls/openssl-error.ts';
import type { TlsOutcome } from '../../../../src/net/tls/outcome.ts';
import type { Scope } from '../../../support/cleanup.ts';
import { closed, event, inTime } from '../../../support/in-time.ts';
import { buildTls, call, clientHello, GREETING, pem, serveTls, visit } from '../../../support/tls.ts';

const CLOSED = 'peer closed connection in SSL handshake';

async function dial(t: Scope, port: number): Promise<Socket> {
  const socket = connectPlain(port, '127.0.0.1');
  t.after(() => {
    socket.destroy();
  });
  socket.on('error', () => {});
  socket.resume();
  await event(socket, 'connect');
  return socket;
}

test('a TLS 1.3 handshake tells version, cipher, server name and ALPN', async (t) => {
  const server = await serveTls(t, buildTls());
  const { line } = await call(t, server.port, { servername: 'mail.example', ALPNProtocols: ['http/1.1', 'imap'] });
  assert.equal(line, GREETING);
  const info = await server.secure();
  assert.equal(info.protocol, 'TLSv1.3');
  assert.equal(info.cipher, 'TLS_AES_256_GCM_SHA384');
  assert.equal(info.servername, 'mail.example');
  assert.equal(info.alpn, 'imap');
  assert.equal(info.resumed, false);
  assert.deepEqual(info.verify, { code: 0, text: 'ok' });
  assert.equal(info.peerCertificate, undefined);
});

test('a TLS 1.2 handshake gives OpenSSL its name of the cipher', async (t) => {
  const server = await serveTls(t, buildTls());
  await call(t, server.port, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' });
  const info = await server.secure();
  assert.equal(info.protocol, 'TLSv1.2');
  assert.equal(info.cipher, 'ECDHE-RSA-AES128-GCM-SHA256');
});

test('a client without ALPN and server name is served', async (t) => {
  const server = await serveTls(t, buildTls());
  const { line } = await call(t, server.port);
  assert.equal(line, GREETING);
  const info = await server.secure();
  assert.equal(info.alpn, undefined);
  assert.equal(info.servername, undefined);
});

test('a client that asks for another protocol is refused with an alert', async (t) => {
  const server = await serveTls(t, buildTls());
  const client = connect({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  const [error]: Error[] = await event(client, 'error');
  assert.match(opensslText(error) ?? '', /alert no application protocol:SSL alert number 120$/);
  assert.deepEqual(await server.outcome(), {
    kind: 'failed',
    log: 'SSL_do_handshake() failed (SSL: error:0A0000EB:SSL routines::no application protocol)',
  });
});

test('the certificate of the key type that the client can use is chosen, and known afterwards', async (t) => {
  const tls = buildTls({
    certificates: ['server-rsa.pem', 'server-ec.pem'],
    keys: ['server-rsa.key', 'server-ec.key'],
  });
  const server = await serveTls(t, tls);
  const keyTypes: (string | undefined)[] = [];
  for (const ciphers of ['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-GCM-SHA256']) {
    const { socket } = await visit(t, server.port, { maxVersion: 'TLSv1.2', ciphers });
    keyTypes.push(tls.certificateFacts(await server.secure()).keyType);
    socket.destroy();
  }
  assert.deepEqual(keyTypes, ['RSA2048', 'EC256']);
});

for (const [what, bytes, reason] of [
  ['a command in clear', 'a1 LOGIN joe secret\r\n', '0A00010B:SSL routines::wrong version number'],
  ['an HTTP request', 'GET / HTTP/1.0\r\n\r\n', '0A00009C:SSL routines::http request'],
  [
    'a handshake message out of turn',
    '\x16\x03\x01\x00\x04\x09\x00\x00\x00',
    '0A0000F4:SSL routines::unexpected message',
  ],
] as const) {
  test(`${what} on a TLS port is refused, and logged with OpenSSL's reason`, async (t) => {
    const server = await serveTls(t, buildTls());
    const socket = await dial(t, server.port);
    socket.end(Buffer.from(bytes, 'latin1'));
    const log = `SSL_do_handshake() failed (SSL: error:${reason})`;
    assert.deepEqual(await server.outcome(), { kind: 'failed', log });
    await closed(socket);
  });
}

test('a client that closes before, in the midst of, or after its hello gets the same record', async (t) => {
  const server = await serveTls(t, buildTls());
  const hello = await clientHello();
  for (const part of [hello.subarray(0, 0), hello.subarray(0, 50), hello]) {
    const socket = await dial(t, server.port);
    socket.end(part);
    assert.deepEqual(await server.outcome(), { kind: 'failed', log: CLOSED });
  }
});

test('a reset in the handshake is named', async (t) => {
  const server = await serveTls(t, buildTls());
  const socket = await dial(t, server.port);
  socket.resetAndDestroy();
  const outcome = await server.outcome();
  assert.deepEqual(outcome, { kind: 'failed', log: `${CLOSED} (104: Connection reset by peer)` });
});

test('a connection that is gone already fails, later', async () => {
  const tls = buildTls();
  const stream = new Duplex({ read: () => {}, write: () => {} });
  const conn = new StreamConnection(stream, IGNORE);
  stream.destroy();
  await closed(stream);
  let called = false;
  const outcome = new Promise<TlsOutcome>((resolve) => {
    conn.startTls(tls, ['imap'], (how) => {
      called = true;
      resolve(how);
    });
  });
  assert.equal(called, false);
  assert.deepEqual(await inTime(outcome, 'the outcome'), { kind: 'failed', log: CLOSED });
});

test('the deadline ends a handshake that does not come to its end', async (t) => {
  const server = await serveTls(t, buildTls(), { deadlineMs: 1 });
  const socket = await dial(t, server.port);
  assert.deepEqual(await server.outcome(), { kind: 'timeout' });
  await closed(socket);
});

test('bytes that were put back after a PROXY header belong to the handshake', async (t) => {
  const header = 'PROXY UNKNOWN\r\n';
  const server = await serveTls(t, buildTls(), {
    before: (conn, go) => {
      conn.handler = {
        ...IGNORE,
        onData: (chunk) => {
          conn.pause();
          conn.unread(chunk.subarray(header.length));
          go();
        },
      };
      conn.resume();
    },
  });
  const plain = await dial(t, server.port);
  plain.pause();
  plain.cork();
  plain.write(header);
  const client = connect({ socket: plain, rejectUnauthorized: false });
  plain.uncork();
  const [line]: Buffer[] = await event(client, 'data');
  assert.equal(line?.toString(), GREETING);
  client.destroy();
});

test('a reply in clear is sent before the handshake begins', async (t) => {
  const reply = 'a1 OK completed\r\n';
  const server = await serveTls(t, buildTls(), {
    before: (conn, go) => {
      conn.write(Buffer.from(reply));
      go();
    },
  });
  const plain = connectPlain(server.port, '127.0.0.1');
  t.after(() => {
    plain.destroy();
  });
  const [first]: Buffer[] = await event(plain, 'data');
  assert.equal(first?.toString(), reply);
  const client = connect({ socket: plain, rejectUnauthorized: false });
  const [line]: Buffer[] = await event(client, 'data');
  assert.equal(line?.toString(), GREETING);
  client.destroy();
});

test('a close_notify ends the input, and is answered', async (t) => {
  const server = await serveTls(t, buildTls());
  const { socket } = await visit(t, server.port);
  const ending = server.ending();
  socket.end('a1 LOGOUT\r\n');
  assert.deepEqual(await ending, { data: 'a1 LOGOUT\r\n', error: undefined });
  await closed(socket);
});

test('an end without close_notify is an end like any other', async (t) => {
  const server = await serveTls(t, buildTls());
  const plain = await dial(t, server.port);
  plain.pause();
  const client = connect({ socket: plain, rejectUnauthorized: false });
  await event(client, 'data');
  const ending = server.ending();
  plain.destroy();
  const { error } = await ending;
  assert.equal(error, undefined);
});

test('a reset after the handshake closes the connection with the error', async (t) => {
  const server = await serveTls(t, buildTls());
  const plain = await dial(t, server.port);
  plain.pause();
  const client = connect({ socket: plain, rejectUnauthorized: false });
  client.on('error', () => {});
  await event(client, 'data');
  const ending = server.ending();
  plain.resetAndDestroy();
  const { error } = await ending;
  assert.equal(error !== undefined && 'code' in error && error.code, 'ECONNRESET');
});

test('renegotiation is refused', async (t) => {
  const server = await serveTls(t, buildTls());
  const { socket } = await visit(t, server.port, { maxVersion: 'TLSv1.2' });
  const failed = event(socket, 'error');
  socket.renegotiate({}, () => {});
  const [error]: Error[] = await failed;
  assert.match(opensslText(error) ?? '', /no renegotiation/);
});

test('a reply and a close right after the handshake arrive', async (t) => {
  const server = await serveTls(t, buildTls(), {
    secured: (conn) => {
      conn.write(Buffer.from('* BYE\r\n'));
      conn.finish(1000);
    },
  });
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const { line } = await call(t, server.port, { maxVersion });
    assert.equal(line, '* BYE\r\n');
  }
});

for (const [how, tickets] of [
  ['', true],
  [' where the hello is read ahead', false],
] as const) {
  test(`a client that is cut off at any byte disturbs nobody${how}`, async (t) => {
    const sessionCache = { kind: 'cache', builtin: 10, shared: undefined } as const;
    const server = await serveTls(t, buildTls({ sessionCache, sessionTickets: tickets }));
    for (const cut of [0, 1, 4, 5, 6, 43, 200, 300, 400]) {
      for (const reset of [false, true]) {
        const plain = await dial(t, server.port);
        const client = connect({ socket: cutAfter(plain, cut, reset), rejectUnauthorized: false });
        client.on('error', () => {});
        const outcome = await server.outcome();
        assert.ok(outcome.kind === 'secure' || (outcome.kind === 'failed' && outcome.log.startsWith(CLOSED)));
        client.destroy();
      }
    }
    assert.equal((await call(t, server.port)).line, GREETING);
  });
}

/** Passes so many bytes on, then ends or resets the connection. */
function cutAfter(plain: Socket, bytes: number, reset: boolean): Duplex {
  let left = bytes;
  const through: Duplex = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      const part = chunk.subarray(0, left);
      left -= part.length;
      plain.write(part, () => {
        if (left === 0 && reset) plain.resetAndDestroy();
        else if (left === 0) plain.destroy();
      });
      done();
    },
  });
  plain.on('data', (chunk) => through.push(chunk));
  return through;
}

test('the handshake works over any Duplex', async () => {
  const [near, far] = pair();
  const conn = new StreamConnection(near, IGNORE);
  const client = connect({ socket: far, ca: pem('ca.pem'), servername: 'mail.example' });
  conn.startTls(buildTls(), ['imap'], (outcome) => {
    assert.equal(outcome.kind, 'secure');
    conn.write(Buffer.from(GREETING));
  });
  const [line]: Buffer[] = await event(client, 'data');
  assert.equal(line?.toString(), GREETING);
  assert.equal(client.authorized, true);
  client.destroy();
  conn.destroy();
});

function pair(): [Duplex, Duplex] {
  const make = (other: () => Duplex): Duplex =>
    new Duplex({
      read: () => {},
      write: (chunk, _encoding, done) => {
        other().push(chunk);
        done();
      },
      final: (done) => {
        other().push(null);
        done();
      },
    });
  const near: Duplex = make(() => far);
  const far: Duplex = make(() => near);
  return [near, far];
}
