// What is told of certificates: names to the byte as `openssl x509 -nameopt rfc2253` prints them, and the rest.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { certificateFacts, keyFacts, legacyNames, validity } from '../../../../src/net/x509/certificate-facts.ts';
import { oidText, readElement, readElements } from '../../../../src/net/x509/der.ts';
import { commonName, onelineName, rfc2253 } from '../../../../src/net/x509/distinguished-name.ts';
import { pem } from '../../../support/tls.ts';

const der = (name: string): Buffer => new X509Certificate(pem(name)).raw;

const tlv = (tag: number, ...parts: (Buffer | string)[]): Buffer => {
  const value = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([tag, 0x82, value.length >> 8, value.length & 255]), value]);
};
const UTF8 = 12;
const PRINTABLE = 19;
const T61 = 20;
const IA5 = 22;
const UNIVERSAL = 28;
const BMP = 30;
const INTEGER = 2;
const CN = '550403';
const O = '55040a';
/** One attribute: object identifier in hex, tag and value. */
const attribute = (oid: string, tag: number, value: Buffer | string): Buffer =>
  tlv(0x30, tlv(6, Buffer.from(oid, 'hex')), tlv(tag, value));
const name = (...sets: Buffer[][]): Buffer => Buffer.concat(sets.map((set) => tlv(0x31, ...set)));
const cn = (value: Buffer | string, tag = UTF8): Buffer => name([attribute(CN, tag, value)]);

describe('RFC 2253 names', () => {
  for (const [what, text, expected] of [
    ['plain text', 'mail.example', 'mail.example'],
    ['special characters', 'a,b+c"d\\e<f>g;h=i#j', 'a\\,b\\+c\\"d\\\\e\\<f\\>g\\;h=i#j'],
    ['text that is not ASCII', 'Jörg €', 'J\\C3\\B6rg \\E2\\82\\AC'],
    ['control bytes', 'a\r\nb\0\x7f', 'a\\0D\\0Ab\\00\\7F'],
    ['spaces at the ends', '  a b  ', '\\  a b \\ '],
    ['one space', ' ', '\\ '],
    ['a # in front', '#a#', '\\#a#'],
    ['a lone #', '#', '#'],
    ['nothing', '', ''],
  ] as const) {
    it(`writes ${what}`, () => assert.equal(rfc2253(cn(text)), `CN=${expected}`));
  }

  for (const [what, value, tag, expected] of [
    ['a PrintableString', 'abc', PRINTABLE, 'CN=abc'],
    ['a T61String as Latin-1', Buffer.from([0xe9]), T61, 'CN=\\C3\\A9'],
    ['an IA5String with 8 bit bytes', Buffer.from([0x80]), IA5, 'CN=\\C2\\80'],
    ['a BMPString', Buffer.from('20ac0061', 'hex'), BMP, 'CN=\\E2\\82\\ACa'],
    ['a UniversalString', Buffer.from('0001f600', 'hex'), UNIVERSAL, 'CN=\\F0\\9F\\98\\80'],
    ['a UTF8String that is not UTF-8', Buffer.from([0xff, 0xfe]), UTF8, 'CN=\\FF\\FE'],
    ['what is no string, in hex', Buffer.from([5]), INTEGER, 'CN=#0282000105'],
  ] as const) {
    it(`writes ${what}`, () => assert.equal(rfc2253(cn(value, tag)), expected));
  }

  it('puts the last part first, and joins parts of one set with +', () => {
    const set = [attribute(O, PRINTABLE, 'Foo, Bar'), attribute('2a864886f70d010901', IA5, 'a@b')];
    assert.equal(
      rfc2253(name([attribute('550406', PRINTABLE, 'US')], set, [attribute(CN, UTF8, 'x')])),
      'CN=x,emailAddress=a@b+O=Foo\\, Bar,C=US',
    );
  });

  it('writes an unknown attribute by its number, and its value in hex', () => {
    assert.equal(rfc2253(name([attribute('2a0304', UTF8, 'x')])), '1.2.3.4=#0C82000178');
  });

  it('knows the names of directory services and extended validation', () => {
    const more = [
      ['0992268993f22c640119', 'DC'],
      ['0992268993f22c640101', 'UID'],
      ['550404', 'SN'],
      ['55042a', 'GN'],
      ['550461', 'organizationIdentifier'],
      ['2b0601040182373c020103', 'jurisdictionC'],
    ] as const;
    for (const [oid, short] of more) assert.equal(rfc2253(name([attribute(oid, UTF8, 'x')])), `${short}=x`);
  });

  it('gives nothing for a broken encoding', () => {
    assert.equal(rfc2253(Buffer.from('3105', 'hex')), undefined);
    assert.equal(rfc2253(tlv(0x30, 'x')), undefined);
    assert.equal(rfc2253(name([tlv(0x30, tlv(6, ''), tlv(UTF8, 'x'))])), undefined);
  });

  it('finds the first common name, in UTF-8', () => {
    const two = name([attribute(O, UTF8, 'o')], [attribute(CN, T61, Buffer.from([0xfc]))], [attribute(CN, UTF8, 'b')]);
    assert.equal(commonName(two)?.toString(), 'ü');
    assert.equal(commonName(name([attribute(O, UTF8, 'o')])), undefined);
  });
});

describe('names in the old form', () => {
  for (const [what, value, expected] of [
    [
      'in their order, with the sets joined',
      name([attribute('550406', PRINTABLE, 'US')], [attribute(CN, UTF8, 'x')]),
      '/C=US/CN=x',
    ],
    ['a set of two', name([attribute(O, UTF8, 'a'), attribute(CN, UTF8, 'b')]), '/O=a+CN=b'],
    ['separators in a value', cn('a/b+c\\d,e'), '/CN=a\\/b\\+c\\d,e'],
    ['what is not printable', cn('Jö\n'), '/CN=J\\xC3\\xB6\\x0A'],
    ['an unknown attribute', name([attribute('2a0304', UTF8, 'z')]), '/1.2.3.4=z'],
    ['nothing', Buffer.alloc(0), ''],
  ] as const) {
    it(`write ${what}`, () => assert.equal(onelineName(value), expected));
  }

  it('of a certificate, beside its time', () => {
    const client = der('client.pem');
    assert.deepEqual(legacyNames(client), {
      subject: '/C=US/O=Foo, Bar/CN=J\\xC3\\xB6rg',
      issuer: '/O=Postern Tests/CN=Test Root CA',
    });
    assert.deepEqual(validity(client), { start: 'Jan  1 00:00:00 2020 GMT', end: 'Jan  1 00:00:00 2120 GMT' });
  });

  it('are empty where the certificate cannot be read', () => {
    assert.deepEqual(legacyNames(Buffer.from('x')), { subject: '', issuer: '' });
  });
});

describe('certificate facts', () => {
  it('are nginx its variables for a client certificate', () => {
    const facts = certificateFacts(der('client.pem'));
    assert.equal(facts.subject, 'CN=J\\C3\\B6rg,O=Foo\\, Bar,C=US');
    assert.equal(facts.issuer, 'CN=Test Root CA,O=Postern Tests');
    assert.equal(facts.serial, '1004');
    const { fingerprint } = new X509Certificate(pem('client.pem'));
    assert.equal(facts.fingerprint, fingerprint.replaceAll(':', '').toLowerCase());
    assert.equal(facts.pem, pem('client.pem').toString('latin1'));
    assert.equal(facts.commonName?.toString(), 'Jörg');
  });

  for (const [content, expected] of [
    ['01', '01'],
    ['00', '00'],
    ['0080', '80'],
    ['7fff', '7FFF'],
    ['ff', '-01'],
    ['80', '-80'],
    ['ff7f', '-81'],
  ] as const) {
    it(`write the serial number ${content} as ${expected}`, () => {
      assert.equal(certificateFacts(withSerial(Buffer.from(content, 'hex'))).serial, expected);
    });
  }

  it('tell the key and the signature of a server certificate', () => {
    assert.deepEqual(keyFacts(der('server-rsa.pem')), { sigAlg: 'ecdsa-with-SHA256', keyType: 'RSA2048' });
    assert.deepEqual(keyFacts(der('server-ec.pem')), { sigAlg: 'ecdsa-with-SHA256', keyType: 'EC256' });
  });

  it('are empty, and nothing breaks, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const facts = certificateFacts(Buffer.from(bytes));
        assert.match(facts.subject + facts.issuer, /^[\x20-\x7e]*$/);
      }),
    );
    const whole = der('client.pem');
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const broken = Buffer.from(whole);
        broken[at] = byte;
        const facts = certificateFacts(broken);
        assert.match(facts.subject + facts.issuer + facts.serial, /^[\x20-\x7e]*$/);
        certificateFacts(whole.subarray(0, at));
      }),
    );
  });
});

/** The client's certificate with another serial number; its signature no longer matters. */
function withSerial(serial: Buffer): Buffer {
  const [tbs, ...rest] = readElements(readElement(der('client.pem'))?.value ?? Buffer.alloc(0)) ?? [];
  const [version, , ...fields] = readElements(tbs?.value ?? Buffer.alloc(0)) ?? [];
  const changed = tlv(0x30, version?.whole ?? '', tlv(INTEGER, serial), ...fields.map((field) => field.whole));
  return tlv(0x30, changed, ...rest.map((part) => part.whole));
}

describe('DER', () => {
  it('reads long lengths, and refuses what runs past the end', () => {
    assert.equal(readElement(Buffer.from('048101aa', 'hex'))?.value.toString('hex'), 'aa');
    for (const hex of ['', '04', '0402aa', '0480aa', '048502', '1f0100', '0484ffffffff']) {
      assert.equal(readElement(Buffer.from(hex, 'hex')), undefined, hex);
    }
  });

  it('reads object identifiers', () => {
    assert.equal(oidText(Buffer.from('2a864886f70d010101', 'hex')), '1.2.840.113549.1.1.1');
    assert.equal(oidText(Buffer.from('883701', 'hex')), '2.999.1');
    for (const hex of ['', '2a86', 'ffffffffffffffffff7f']) assert.equal(oidText(Buffer.from(hex, 'hex')), undefined);
  });
});
