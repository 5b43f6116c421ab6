// Values behind the addresses of a PROXY header of version 2.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ProxyInfo, readProxyHeader } from '../../../../src/net/proxy-protocol/read.ts';
import { proxyTlv } from '../../../../src/net/proxy-protocol/tlv.ts';

const tlv = (type: number, value: Buffer | string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([type, bytes.length >> 8, bytes.length & 255]), bytes]);
};

function header(...tlvs: readonly Buffer[]): ProxyInfo | undefined {
  const body = Buffer.concat([Buffer.from([1, 2, 3, 4, 5, 6, 7, 8, 0, 9, 1, 187]), ...tlvs]);
  const front = Buffer.from('0d0a0d0a000d0a515549540a21110000', 'hex');
  front.writeUInt16BE(body.length, 14);
  const read = readProxyHeader(Buffer.concat([front, body]));
  assert.ok(read.kind === 'ok');
  assert.equal(read.used, 16 + body.length);
  return read.info;
}

const SSL = tlv(
  0x20,
  Buffer.concat([Buffer.from([7, 0, 0, 0, 18]), tlv(0x21, 'TLSv1.3'), tlv(0x22, 'cn'), tlv(0x25, 'EC')]),
);

test('values by name, and by the number of their type', () => {
  const info = header(tlv(1, 'h2'), tlv(2, 'mail.example'), tlv(0xea, 'x'), tlv(5, 'id'), tlv(0x30, 'net'), SSL);
  const shown = ['alpn', 'authority', '0x02', '0xea', 'unique_id', 'netns'].map((name) => proxyTlv(info, name));
  assert.deepEqual(shown, ['h2', 'mail.example', 'mail.example', 'x', 'id', 'net']);
  const ssl = ['ssl_version', 'ssl_cn', 'ssl_key_alg', 'ssl_cipher', 'ssl_verify'].map((name) => proxyTlv(info, name));
  assert.deepEqual(ssl, ['TLSv1.3', 'cn', 'EC', undefined, '18']);
});

test('what is not there has no value', () => {
  for (const info of [undefined, header(), header(tlv(4, '')), header(Buffer.from([1, 0, 9, 65]))]) {
    for (const name of ['alpn', 'ssl_cn', 'ssl_verify', '0x1', 'nosuch', ''])
      assert.equal(proxyTlv(info, name), undefined);
  }
});

test('anything may stand there', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom('alpn', 'ssl_cn', 'ssl_verify', '0x07'),
      (noise, name) => {
        const value = proxyTlv(header(Buffer.from(noise)), name);
        assert.ok(value === undefined || value.length <= noise.length + 10);
      },
    ),
  );
});
