// Finding the session that a ClientHello names.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { scanClientHello } from '../../../../src/net/tls/client-hello.ts';
import { buildTls, call, clientHello, serveTls } from '../../../support/tls.ts';

const NONE = { kind: 'done', hello: { identity: undefined, offersTls13: false } };

describe('a ClientHello', () => {
  it('of a new client names no session, and tells whether it may be TLS 1.3', async () => {
    const hello = { identity: undefined, offersTls13: true };
    assert.deepEqual(scanClientHello(await clientHello()), { kind: 'done', hello });
    assert.deepEqual(scanClientHello(await clientHello({ maxVersion: 'TLSv1.2' })), NONE);
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
    for (let n = 0; n < hello.length; n++) assert.deepEqual(scanClientHello(hello.subarray(0, n)), { kind: 'more' });
    assert.deepEqual(scanClientHello(Buffer.concat([hello, Buffer.from('more')])), scan);
  });

  it('in more than one record counts as one without TLS 1.3', async () => {
    const hello = await clientHello();
    const half = Buffer.from(hello.subarray(0, 105));
    half.writeUInt16BE(100, 3);
    assert.deepEqual(scanClientHello(half), NONE);
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
