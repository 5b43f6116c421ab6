// The names of what a client offers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getCiphers } from 'node:tls';
import { scanClientHello } from '../../../../src/net/tls/client-hello.ts';
import { cipherNames, groupNames } from '../../../../src/net/tls/offer-names.ts';
import { clientHello } from '../../../support/tls.ts';

test('ciphers and groups by their numbers, in the order of the client', () => {
  assert.equal(
    cipherNames(Buffer.from('1301c02f009c00ff', 'hex')),
    'TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256:AES128-GCM-SHA256:TLS_EMPTY_RENEGOTIATION_INFO_SCSV',
  );
  assert.equal(groupNames(Buffer.from('001d00170104', 'hex')), 'X25519:prime256v1:ffdhe8192');
});

test('a number without a name is hexadecimal, and half a number is none', () => {
  assert.equal(cipherNames(Buffer.from('0a0a000113', 'hex')), '0x0a0a:NULL-MD5');
  assert.equal(groupNames(Buffer.from('11ec0000', 'hex')), '0x11ec:0x0000');
  assert.equal(cipherNames(Buffer.alloc(0)), '');
});

test('every cipher of Node.js has the name that OpenSSL gives it', async () => {
  // Those with shared secrets a client offers only where it has one.
  const names = getCiphers().filter((name) => !/^tls_|psk|srp/.test(name));
  const hello = await clientHello({ ciphers: `${names.join(':').toUpperCase()}:@SECLEVEL=0`, maxVersion: 'TLSv1.2' });
  const scan = scanClientHello(hello);
  assert.ok(scan.kind === 'done');
  const shown = cipherNames(scan.hello.ciphers).toLowerCase().split(':');
  assert.deepEqual(shown.filter((name) => !/scsv|^0x00ff$/.test(name)).sort(), names.sort());
});
