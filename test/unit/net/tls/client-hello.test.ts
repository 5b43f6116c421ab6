// What a ClientHello says: the session and the server that it names, what the client can do.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { scanClientHello, UNREADABLE } from '../../../../src/net/tls/client-hello.ts';
import { buildTls, call, clientHello, serveTls } from '../../../support/tls.ts';

const NONE = { kind: 'done', hello: UNREADABLE };

/** The same hello in records of that size. */
function cut(hello: Buffer, size: number): Buffer {
  const message = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const piece = message.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, piece.length >> 8, piece.length & 255]), piece);
  }
  return Buffer.concat(records);
}

describe('a ClientHello', () => {
  it('of a new client names no session, and tells whether it may be TLS 1.3', async () => {
    for (const [maxVersion, offersTls13] of [
      ['TLSv1.3', true],
      ['TLSv1.2', false],
    ] as const) {
      const scan = scanClientHello(await clientHello({ maxVersion }));
      assert.ok(scan.kind === 'done');
      assert.equal(scan.hello.identity, undefined);
      assert.equal(scan.hello.offersTls13, offersTls13);
    }
  });

  it('names a server, and lists ciphers and groups', async () => {
    const options = { servername: 'Mail.Example', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256', ecdhCurve: 'P-256:X25519' };
    const scan = scanClientHello(await clientHello({ ...options, maxVersion: 'TLSv1.2' }));
    assert.ok(scan.kind === 'done');
    assert.equal(scan.hello.serverName, 'Mail.Example');
    // Newer versions of OpenSSL have an extension in place of the signal 00ff.
    assert.match(scan.hello.ciphers.toString('hex'), /^c02f(?:00ff)?$/);
    assert.equal(scan.hello.groups.toString('hex'), '0017001d');
    const nameless = scanClientHello(await clientHello());
    assert.ok(nameless.kind === 'done' && nameless.hello.serverName === undefined);
  });

  it('of a client that comes back names it, and byte by byte nothing else is seen', async (t) => {
    const server = await serveTls(t, buildTls({ sessionTickets: false }));
    const servername = 'mail.example';
    const { session } = await call(t, server.port, { servername });
    assert.ok(session !== undefined);
    const hello = await clientHello({ session, servername });
    const scan = scanClientHello(hello);
    assert.ok(scan.kind === 'done' && scan.hello.identity !== undefined && scan.hello.offersTls13);
    assert.equal(scan.hello.identity.length, 32);
    assert.ok(session.includes(scan.hello.identity));
    for (let n = 0; n < hello.length; n++) {
      const bytes = n < 5 ? 5 : hello.length;
      assert.deepEqual(scanClientHello(hello.subarray(0, n)), { kind: 'more', bytes });
    }
    assert.deepEqual(scanClientHello(Buffer.concat([hello, Buffer.from('more')])), scan);
  });

  it('is put together from several records, up to a limit', async () => {
    const hello = await clientHello({ servername: 'mail.example' });
    const whole = scanClientHello(hello);
    assert.ok(whole.kind === 'done' && whole.hello.serverName === 'mail.example');
    for (const records of [3, 25]) {
      const pieces = cut(hello, Math.ceil(hello.length / records));
      assert.deepEqual(scanClientHello(pieces), whole);
      assert.deepEqual(scanClientHello(pieces.subarray(0, -1)), { kind: 'more', bytes: pieces.length });
    }
    assert.deepEqual(scanClientHello(cut(hello, 1)), NONE);
    const huge = Buffer.from(hello);
    huge.writeUIntBE(0x100000, 6, 3);
    assert.deepEqual(scanClientHello(huge), NONE);
  });

  it('is not waited for where something else comes', () => {
    for (const text of ['a1 LOGIN', 'GET / HTTP/1.0', '\x80\x2e\x01']) {
      assert.deepEqual(scanClientHello(Buffer.from(text, 'latin1')), NONE);
    }
    assert.deepEqual(scanClientHello(Buffer.from('160301ffff', 'hex')), NONE);
  });

  it('may hold anything', async () => {
    const hello = await clientHello();
    fc.assert(
      fc.property(fc.nat(hello.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), (at, noise) => {
        const broken = Buffer.from(hello);
        broken.set(noise.subarray(0, broken.length - at), at);
        const scan = scanClientHello(broken);
        if (scan.kind === 'done') assert.notEqual(scan.hello.identity?.length, 0);
      }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (noise) => void scanClientHello(Buffer.from(noise))));
  });
});
