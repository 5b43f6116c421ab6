// The PROXY protocol header: what is read from a client, what is written to a backend.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatIp } from '../../../../src/core/ip.ts';
import { crc32c } from '../../../../src/net/proxy-protocol/crc32c.ts';
import { PROXY_HEADER_MAX, readProxyHeader, V2_SIGNATURE } from '../../../../src/net/proxy-protocol/read.ts';
import { type ProxyTls, proxyHeaderV1, proxyHeaderV2 } from '../../../../src/net/proxy-protocol/write.ts';

const read = (text: string) => readProxyHeader(Buffer.from(text, 'latin1'));

function v2(versionAndCommand: number, family: number, body: Buffer, length = body.length): Buffer {
  const fixed = Buffer.from([versionAndCommand, family, length >> 8, length & 255]);
  return Buffer.concat([V2_SIGNATURE, fixed, body]);
}

const INET_BODY = Buffer.from('0102030405060708006f00de', 'hex');

describe('reading version 1', () => {
  it('takes the addresses as text and counts the bytes', () => {
    const header = 'PROXY TCP4 1.2.3.4 5.6.7.8 111 222\r\n';
    const info = { source: '1.2.3.4', sourcePort: 111, destination: '5.6.7.8', destinationPort: 222 };
    assert.deepEqual(read(`${header}NOOP\r\n`), { kind: 'ok', used: header.length, info });
  });

  it('does not compare the address with the family word', () => {
    const got = read('PROXY TCP4 9 ::FFFF:5.6.7.8 111 222\r\n');
    assert.equal(got.kind === 'ok' && got.info?.source, '9');
    assert.equal(got.kind === 'ok' && got.info?.destination, '::FFFF:5.6.7.8');
  });

  it('accepts an empty address and leading zeros of a port', () => {
    const got = read('PROXY TCP6  ::1 000111 0\r\n');
    const info = { source: '', sourcePort: 111, destination: '::1', destinationPort: 0 };
    assert.deepEqual(got, { kind: 'ok', used: 26, info });
  });

  it('skips the rest of an UNKNOWN line', () => {
    assert.deepEqual(read('PROXY UNKNOWN\r\n'), { kind: 'ok', used: 15, info: undefined });
    assert.deepEqual(read('PROXY UNKNOWNxyz a\nb\rc\r\nNOOP'), { kind: 'ok', used: 24, info: undefined });
  });

  for (const [header, shown] of [
    ['', ''],
    ['\r\n', ''],
    ['HELLO WORLD\nmore\r\n', 'HELLO WORLD'],
    ['PROXY \r\n', 'PROXY '],
    ['PROXY UNKNOWN', 'PROXY UNKNOWN'],
    ['PROXY UNKNOWN\n', 'PROXY UNKNOWN'],
    ['proxy TCP4 1.2.3.4 5.6.7.8 1 2\r\n', 'proxy TCP4 1.2.3.4 5.6.7.8 1 2'],
    ['PROXY TCP5 1.2.3.4 5.6.7.8 1 2\r\n', 'PROXY TCP5 1.2.3.4 5.6.7.8 1 2'],
    ['PROXY  TCP4 1.2.3.4 5.6.7.8 1 2\r\n', 'PROXY  TCP4 1.2.3.4 5.6.7.8 1 2'],
    ['PROXY TCP4 1.2.3.g 5.6.7.8 1 2\r\n', 'PROXY TCP4 1.2.3.g 5.6.7.8 1 2'],
    ['PROXY TCP4 1.2.3.4\r\n', 'PROXY TCP4 1.2.3.4'],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n', 'PROXY TCP4 1.2.3.4 5.6.7.8 1 65536'],
    ['PROXY TCP4 1.2.3.4 5.6.7.8  2\r\n', 'PROXY TCP4 1.2.3.4 5.6.7.8  2'],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1 \r\n', 'PROXY TCP4 1.2.3.4 5.6.7.8 1 '],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 +1 2\r\n', 'PROXY TCP4 1.2.3.4 5.6.7.8 +1 2'],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n', 'PROXY TCP4 1.2.3.4 5.6.7.8 1 2 '],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n', 'PROXY TCP4 1.2.3.4 5.6.7.8 1 2'],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2\rX', 'PROXY TCP4 1.2.3.4 5.6.7.8 1 2'],
    ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r', 'PROXY TCP4 1.2.3.4 5.6.7.8 1 2'],
  ] as const) {
    it(`refuses ${JSON.stringify(header)}`, () => {
      assert.deepEqual(read(header), { kind: 'bad', log: `broken header: "${shown}"` });
    });
  }

  it('looks no further than the 4096 bytes that nginx reads', () => {
    const long = (n: number) => `PROXY UNKNOWN${'x'.repeat(n)}\r\n`;
    assert.equal(read(long(PROXY_HEADER_MAX - 15)).kind, 'ok');
    assert.equal(read(long(PROXY_HEADER_MAX - 14)).kind, 'bad');
  });
});

describe('reading version 2', () => {
  it('formats IPv4 and IPv6 addresses', () => {
    const info = { source: '1.2.3.4', sourcePort: 111, destination: '5.6.7.8', destinationPort: 222 };
    assert.deepEqual(readProxyHeader(v2(0x21, 0x11, INET_BODY)), { kind: 'ok', used: 28, info });
    const body = Buffer.from(
      '20010db8000000000000000000000001 00000000000000000000ffff01020304 0001 0002'.replaceAll(' ', ''),
      'hex',
    );
    const six = { source: '2001:db8::1', sourcePort: 1, destination: '::ffff:1.2.3.4', destinationPort: 2 };
    assert.deepEqual(readProxyHeader(v2(0x21, 0x21, body)), { kind: 'ok', used: 52, info: six });
  });

  for (const [hex, text] of [
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['0000000000000000000000000a000001', '::10.0.0.1'],
    ['00000000000000000000000100000000', '::1:0:0'],
    ['00000000000000000000ffff00000000', '::ffff:0.0.0.0'],
    ['00010000000000000000000000000000', '1::'],
    ['00000001000000000000000000000000', '0:1::'],
    ['00010001000100010001000100010000', '1:1:1:1:1:1:1:0'],
    ['00000000000100000000000000010001', '0:0:1::1:1'],
    ['00010000000000010001000000000001', '1::1:1:0:0:1'],
    ['0000000000000000ffff000001020304', '::ffff:0:102:304'],
  ] as const) {
    it(`writes ${text} as inet_ntop does`, () => {
      const got = readProxyHeader(v2(0x21, 0x21, Buffer.from(`${hex}${hex}00000000`, 'hex')));
      assert.equal(got.kind === 'ok' && got.info?.source, text);
      assert.equal(got.kind === 'ok' && got.info?.destination, text);
    });
  }

  it('skips a header without addresses that it can use', () => {
    for (const [command, family] of [
      [0x20, 0x11],
      [0x22, 0x11],
      [0x21, 0x12],
      [0x21, 0x31],
      [0x21, 0x00],
    ] as const) {
      assert.deepEqual(readProxyHeader(v2(command, family, INET_BODY)), { kind: 'ok', used: 28, info: undefined });
    }
    assert.deepEqual(readProxyHeader(v2(0x20, 0, Buffer.alloc(0))), { kind: 'ok', used: 16, info: undefined });
  });

  it('names the version that it does not know', () => {
    const got = readProxyHeader(v2(0x31, 0x11, INET_BODY));
    assert.deepEqual(got, { kind: 'bad', log: 'unknown PROXY protocol version: 3' });
  });

  it('refuses a length beyond the first read', () => {
    assert.deepEqual(readProxyHeader(v2(0x21, 0x11, INET_BODY, 13)), { kind: 'bad', log: 'header is too large' });
    const long = v2(0x20, 0, Buffer.alloc(PROXY_HEADER_MAX - 15));
    assert.deepEqual(readProxyHeader(long), { kind: 'bad', log: 'header is too large' });
  });

  it('closes without a record where the addresses do not fit', () => {
    assert.deepEqual(readProxyHeader(v2(0x21, 0x11, INET_BODY.subarray(1))), { kind: 'silent' });
    assert.deepEqual(readProxyHeader(v2(0x21, 0x21, INET_BODY)), { kind: 'silent' });
  });

  it('takes a signature alone for a broken header', () => {
    assert.deepEqual(readProxyHeader(V2_SIGNATURE), { kind: 'bad', log: 'broken header: ""' });
  });
});

describe('writing', () => {
  const four = { address: '1.2.3.4', port: 111 };
  const six = { address: '2001:db8::1', port: 222 };
  const tls: ProxyTls = {
    servername: 'mail.example',
    alpn: 'imap',
    version: 'TLSv1.3',
    cipher: 'TLS_AES_256_GCM_SHA384',
    hasCert: true,
    resumed: false,
    verifyResult: 18,
    commonName: Buffer.from('Jörg'),
    sigAlg: 'RSA-SHA256',
    keyType: 'RSA2048',
  };

  it('writes version 1 with the family of the client', () => {
    const text = (...ends: Parameters<typeof proxyHeaderV1>) => proxyHeaderV1(...ends).toString('latin1');
    assert.equal(text(four, { address: '5.6.7.8', port: 25 }), 'PROXY TCP4 1.2.3.4 5.6.7.8 111 25\r\n');
    assert.equal(text(six, four), 'PROXY TCP6 2001:db8::1 1.2.3.4 222 111\r\n');
    assert.equal(text(undefined, four), 'PROXY UNKNOWN\r\n');
    assert.equal(text({ address: 'unix:', port: 0 }, four), 'PROXY UNKNOWN\r\n');
    assert.equal(text(four, { address: 'unix:/run/a', port: 0 }), 'PROXY TCP4 1.2.3.4 unix:/run/a 111 0\r\n');
  });

  it('writes version 2 in clear', () => {
    const header = proxyHeaderV2(four, { address: '5.6.7.8', port: 222 });
    assert.equal(header.subarray(0, 16).toString('hex'), '0d0a0d0a000d0a515549540a21110013');
    assert.equal(header.subarray(16, 31).toString('hex'), `${INET_BODY.toString('hex')}030004`);
    assert.equal(header.length, 35);
    assertCrc(header);
  });

  it('writes a LOCAL header where an end is not an IP', () => {
    for (const header of [proxyHeaderV2(undefined, four), proxyHeaderV2(four, { address: 'unix:/run/a', port: 0 })]) {
      assert.equal(header.subarray(0, 19).toString('hex'), '0d0a0d0a000d0a515549540a20000007030004');
      assert.equal(header.length, 23);
      assertCrc(header);
    }
  });

  it('maps an IPv4 end beside an IPv6 one, and unmaps two mapped ones', () => {
    const mixed = readProxyHeader(proxyHeaderV2(six, four));
    assert.equal(mixed.kind === 'ok' && mixed.info?.destination, '::ffff:1.2.3.4');
    const unmapped = proxyHeaderV2({ address: '::ffff:9.8.7.6', port: 1 }, { address: '::ffff:5.6.7.8', port: 2 });
    assert.equal(unmapped[13], 0x11);
    const got = readProxyHeader(unmapped);
    assert.equal(got.kind === 'ok' && got.info?.source, '9.8.7.6');
  });

  it('writes the TLVs of a TLS client in order', () => {
    const header = proxyHeaderV2(four, four, tls);
    const tlv = (type: string, value: string | Buffer) => {
      const bytes = Buffer.from(value);
      return `${type}${bytes.length.toString(16).padStart(4, '0')}${bytes.toString('hex')}`;
    };
    const sub = [tlv('21', 'TLSv1.3'), tlv('22', 'Jörg'), tlv('23', 'TLS_AES_256_GCM_SHA384')];
    sub.push(tlv('24', 'RSA-SHA256'), tlv('25', 'RSA2048'));
    const ssl = tlv('20', Buffer.from(`0700000012${sub.join('')}`, 'hex'));
    assert.equal(header.subarray(28, -7).toString('hex'), tlv('02', 'mail.example') + tlv('01', 'imap') + ssl);
    assert.equal(header.readUInt16BE(14), header.length - 16);
    assertCrc(header);
  });

  it('tells a resumed session and a missing certificate', () => {
    const bare = { ...tls, servername: undefined, alpn: undefined };
    const ssl = (t: ProxyTls) => proxyHeaderV2(four, four, t).subarray(31, 36).toString('hex');
    assert.equal(ssl({ ...bare, resumed: true, verifyResult: 0 }), '0500000000');
    assert.equal(ssl({ ...bare, hasCert: false, commonName: undefined, verifyResult: 0 }), '0100000001');
  });

  it('leaves out a common name that is too long for its length field', () => {
    const header = proxyHeaderV2(four, four, { ...tls, commonName: Buffer.alloc(100_000, 0x61) });
    assert.ok(header.length < 300);
    assertCrc(header);
  });

  it('is read back as it was written', () => {
    const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n }).map(formatIp);
    const endpoint = fc.record({ address: fc.oneof(bytes(4), bytes(16)), port: fc.nat(65535) });
    fc.assert(
      fc.property(endpoint, endpoint, fc.uint8Array({ maxLength: 20 }), (client, server, rest) => {
        for (const header of [proxyHeaderV1(client, server), proxyHeaderV2(client, server, tls)]) {
          const got = readProxyHeader(Buffer.concat([header, rest]));
          assert.ok(got.kind === 'ok' && got.info !== undefined);
          assert.equal(got.used, header.length);
          assert.deepEqual([got.info.sourcePort, got.info.destinationPort], [client.port, server.port]);
          if (client.address.includes(':') !== server.address.includes(':')) continue;
          assert.deepEqual([got.info.source, got.info.destination], [client.address, server.address]);
        }
      }),
    );
  });
});

describe('hostile bytes', () => {
  it('never throw and never use more than was there', () => {
    const noise = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes));
    const prefixed = fc
      .tuple(fc.constantFrom('', 'PROXY ', 'PROXY TCP4 ', 'PROXY TCP4 1.2.3.4 ', 'PROXY UNKNOWN'), noise)
      .map(([head, tail]) => Buffer.concat([Buffer.from(head), tail]));
    const signed = noise.map((tail) => Buffer.concat([V2_SIGNATURE, tail]));
    fc.assert(
      fc.property(fc.oneof(noise, prefixed, signed), (bytes) => {
        const got = readProxyHeader(bytes);
        if (got.kind === 'ok') assert.ok(got.used >= 15 && got.used <= bytes.length);
        if (got.kind === 'bad') assert.doesNotMatch(got.log, /[\r\n]/);
      }),
    );
  });

  it('the check sum agrees with the published one', () => {
    assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
    assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
  });
});

function assertCrc(header: Buffer): void {
  const zeroed = Buffer.from(header);
  zeroed.fill(0, zeroed.length - 4);
  assert.equal(crc32c(zeroed), header.readUInt32BE(header.length - 4));
}
