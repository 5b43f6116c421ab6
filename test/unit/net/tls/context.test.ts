// Building the TLS of a server: every message of nginx for what cannot be loaded, and the order of the checks.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfError } from '../../../../src/conf/directive.ts';
import { buildServerTls } from '../../../../src/net/tls/context.ts';
import type { TlsSettings } from '../../../../src/net/tls/settings.ts';
import { CERTS, filesWith, pem, tlsSettings } from '../../../support/tls.ts';

const EACCES = 13;
const EISDIR = 21;
const BAD_DER = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
const FILES = filesWith({
  garbage: 'garbage\n',
  empty: '',
  folder: EISDIR,
  secret: EACCES,
  'bad-der': BAD_DER,
  'bad-base64': '-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n',
  'no-end': '-----BEGIN CERTIFICATE-----\nAAAA\n',
  'late-bad': pem('server-rsa.pem') + BAD_DER,
  'bad-key': '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
  'bad-dh': '-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n',
  'small-dh': `-----BEGIN DH PARAMETERS-----\n${smallParameters()}\n-----END DH PARAMETERS-----\n`,
  'bad-crl': '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n',
  t47: Buffer.alloc(47),
  t48: Buffer.alloc(48),
  t80: Buffer.alloc(80),
});

/** 512 bits. */
function smallParameters(): string {
  const prime = Buffer.concat([Buffer.from('0241', 'hex'), Buffer.alloc(1), Buffer.alloc(64, 255)]);
  return Buffer.concat([Buffer.from([0x30, prime.length + 3]), prime, Buffer.from('020102', 'hex')]).toString('base64');
}

/** The message, or undefined where everything is fine. Paths of the fixtures are shown without the folder. */
function problem(over: Partial<TlsSettings>): string | undefined {
  try {
    buildServerTls(tlsSettings(over), FILES);
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfError)) throw error;
    assert.equal(error.position, undefined);
    return error.message.replaceAll(`${CERTS}/`, '');
  }
}

const NO_FILE = (name: string): string =>
  `(SSL: error:80000002:system library::No such file or directory:calling fopen(${name}, r) error:10000080:BIO routines::no such file)`;
const NO_START = (what: string): string => `(SSL: error:0480006C:PEM routines::no start line:Expecting: ${what})`;
const BAD_ASN1 =
  '(SSL: error:068000A8:asn1 encoding routines::wrong tag error:0688010A:asn1 encoding routines::nested asn1 error:Type=X509 error:0488000D:PEM routines::ASN1 lib)';

describe('pairs of certificates and keys', () => {
  const at = 'in /etc/nginx/nginx.conf:5';
  for (const [certificates, keys, expected] of [
    [[], ['x'], `no "ssl_certificate" is defined for the "listen ... ssl" directive ${at}`],
    [['x'], [], `no "ssl_certificate_key" is defined for the "listen ... ssl" directive ${at}`],
    [
      ['x', 'y'],
      ['x'],
      `no "ssl_certificate_key" is defined for certificate "y" and the "listen ... ssl" directive ${at}`,
    ],
    [['server-rsa.pem'], ['server-rsa.key', 'surplus'], undefined],
    [['server-rsa.pem', 'server-ec.pem'], ['server-rsa.key', 'server-ec.key'], undefined],
    [['server-rsa.pem', 'server-rsa.pem'], ['server-rsa.key', 'server-rsa.key'], undefined],
  ] as const) {
    test(`${certificates.length} and ${keys.length}: ${expected ?? 'fine'}`, () => {
      assert.equal(problem({ certificates, keys }), expected);
    });
  }

  test('without anything that needs TLS only the keys have to be there', () => {
    const expected = 'no "ssl_certificate_key" is defined for certificate "y"';
    assert.equal(problem({ need: undefined, certificates: ['x', 'y'], keys: ['x'] }), expected);
    assert.equal(problem({ need: undefined, certificates: ['y'], keys: [] }), expected);
  });

  test('the mode is named', () => {
    const expected = `no "ssl_certificate" is defined for the "starttls" directive ${at}`;
    assert.equal(
      problem({
        need: { directive: 'starttls', position: { file: '/etc/nginx/nginx.conf', line: 5 } },
        certificates: [],
      }),
      expected,
    );
  });
});

function cases(key: keyof TlsSettings, list: readonly (readonly [string, string | undefined])[], rest = {}): void {
  for (const [value, expected] of list) {
    test(`${value === '' ? 'empty' : value.slice(0, 30).replaceAll('\n', ' ')}: ${expected?.slice(0, 90) ?? 'fine'}`, () => {
      const isList = ['certificates', 'keys', 'sessionTicketKeys'].includes(key);
      assert.equal(problem({ ...rest, [key]: isList ? [value] : value }), expected);
    });
  }
}

describe('ssl_certificate', () => {
  const load = (name: string, call: string): string => `cannot load certificate "${name}": ${call} failed`;
  const denied = 'error:8000000D:system library::Permission denied:calling fopen(secret, r)';
  cases('certificates', [
    ['missing.pem', `${load('missing.pem', 'BIO_new_file()')} ${NO_FILE('missing.pem')}`],
    ['secret', `${load('secret', 'BIO_new_file()')} (SSL: ${denied} error:10080002:BIO routines::system lib)`],
    ['garbage', `${load('garbage', 'PEM_read_bio_X509_AUX()')} ${NO_START('TRUSTED CERTIFICATE')}`],
    ['folder', `${load('folder', 'PEM_read_bio_X509_AUX()')} ${NO_START('TRUSTED CERTIFICATE')}`],
    ['data:foo', `${load('data:foo', 'PEM_read_bio_X509_AUX()')} ${NO_START('TRUSTED CERTIFICATE')}`],
    ['bad-der', `${load('bad-der', 'PEM_read_bio_X509_AUX()')} ${BAD_ASN1}`],
    ['late-bad', `${load('late-bad', 'PEM_read_bio_X509()')} ${BAD_ASN1}`],
    [
      'bad-base64',
      `${load('bad-base64', 'PEM_read_bio_X509_AUX()')} (SSL: error:04800064:PEM routines::bad base64 decode)`,
    ],
    ['no-end', `${load('no-end', 'PEM_read_bio_X509_AUX()')} (SSL: error:04800066:PEM routines::bad end line)`],
    [`data:${pem('server-rsa.pem')}`, undefined],
  ]);
});

describe('ssl_certificate_key', () => {
  const load = (name: string, why: string): string => `cannot load certificate key "${name}": ${why}`;
  const unsupported = 'error:1E08010C:DECODER routines::unsupported:No supported data to decode. Input type: PEM';
  const unreadable = `PEM_read_bio_PrivateKey() failed (SSL: ${unsupported})`;
  cases('keys', [
    ['missing.key', load('missing.key', `BIO_new_file() failed ${NO_FILE('missing.key')}`)],
    ['garbage', load('garbage', unreadable)],
    ['folder', load('folder', unreadable)],
    ['client.key', undefined],
    ['engine:foo', load('engine:foo', 'invalid syntax')],
    ['engine:foo:bar', load('engine:foo:bar', 'Postern cannot load keys from engines or stores')],
    ['store:file:/x', load('store:file:/x', 'Postern cannot load keys from engines or stores')],
    [`data:${pem('server-rsa.key')}`, undefined],
  ]);

  test('a key that does not belong to the certificate', () => {
    const queue = '(SSL: error:05800074:x509 certificate routines::key values mismatch)';
    const expected = `SSL_CTX_use_PrivateKey("client.key") failed ${queue}`;
    assert.equal(problem({ certificates: ['server-ec.pem'], keys: ['client.key'] }), expected);
  });

  test('a key in the configuration stays out of the message', () => {
    const message = problem({ certificates: ['server-ec.pem'], keys: [`data:${pem('client.key')}`] });
    assert.match(message ?? '', /^SSL_CTX_use_PrivateKey\("data:\.\.\."\) failed/);
  });

  test('an encrypted key takes the first pass phrase that fits', () => {
    const keys = ['server-rsa-encrypted.key'];
    const words = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text));
    assert.equal(problem({ keys, passphrases: words('wrong', 'secret', 'more') }), undefined);
    assert.match(problem({ keys, passphrases: words('wrong') }) ?? '', /pkcs12 cipherfinal error:maybe wrong password/);
    assert.match(problem({ keys, passphrases: [] }) ?? '', /pkcs12 cipherfinal error:empty password/);
    assert.match(problem({ keys }) ?? '', /the key is encrypted, and its pass phrase is only taken from/);
  });
});

describe('ssl_ciphers', () => {
  const refused = (list: string, queue: string): string =>
    `SSL_CTX_set_cipher_list("${list}") failed (SSL: error:${queue})`;
  const none = '0A0000B9:SSL routines::no cipher match';
  cases('ciphers', [
    ['foo', refused('foo', none)],
    ['', refused('', none)],
    ['!ALL', refused('!ALL', none)],
    ['TLS_AES_128_GCM_SHA256', refused('TLS_AES_128_GCM_SHA256', none)],
    ['HIGH:+', refused('HIGH:+', '0A000118:SSL routines::invalid command')],
    ['HIGH:foo', undefined],
    ['HIGH,foo AES128-SHA', undefined],
  ]);
});

describe('ssl_dhparam', () => {
  const read = (name: string): string => `PEM_read_bio_DHparams("${name}") failed`;
  cases('dhparam', [
    ['missing', `BIO_new_file("missing") failed ${NO_FILE('missing')}`],
    ['garbage', `${read('garbage')} ${NO_START('DH PARAMETERS')}`],
    ['server-rsa.pem', `${read('server-rsa.pem')} ${NO_START('DH PARAMETERS')}`],
    ['small-dh', 'SSL_CTX_set_tmp_dh("small-dh") failed (SSL: error:0A00018A:SSL routines::dh key too small)'],
    ['', undefined],
    ['dhparam.pem', undefined],
  ]);

  test('parameters that are none', () => {
    assert.match(
      problem({ dhparam: 'bad-dh' }) ?? '',
      /^PEM_read_bio_DHparams\("bad-dh"\) failed \(SSL: .*ASN1 lib\)$/,
    );
  });
});

describe('ssl_ecdh_curve', () => {
  const refused = (list: string, group: string): string =>
    `SSL_CTX_set1_curves_list("${list}") failed (SSL: error:0A080106:SSL routines::passed invalid argument:group '${group}' cannot be set)`;
  cases('ecdhCurve', [
    ['foo', refused('foo', 'foo')],
    ['P-256:foo', refused('P-256:foo', 'foo')],
    ['AUTO', refused('AUTO', 'AUTO')],
    ['P-256:auto', refused('P-256:auto', 'auto')],
    ['', 'SSL_CTX_set1_curves_list("") failed'],
    ['X25519:P-256', undefined],
    ['auto', undefined],
  ]);
});

describe('ssl_client_certificate and ssl_crl', () => {
  const load = (name: string, call: string): string => `cannot load certificate "${name}": ${call} failed`;
  const on = { verifyClient: 'on' };
  const requirement = 'no ssl_client_certificate or ssl_trusted_certificate for ssl_verify_client';
  cases(
    'clientCertificate',
    [
      ['', requirement],
      ['missing', `${load('missing', 'BIO_new_file()')} ${NO_FILE('missing')}`],
      ['garbage', `${load('garbage', 'PEM_read_bio_X509_AUX()')} ${NO_START('TRUSTED CERTIFICATE')}`],
      ['bad-der', `${load('bad-der', 'PEM_read_bio_X509_AUX()')} ${BAD_ASN1}`],
      ['late-bad', `${load('late-bad', 'PEM_read_bio_X509_AUX()')} ${BAD_ASN1}`],
      ['ca.pem', undefined],
    ],
    on,
  );
  cases(
    'crl',
    [
      ['missing', `cannot load CRL "missing": BIO_new_file() failed ${NO_FILE('missing')}`],
      ['garbage', `cannot load CRL "garbage": PEM_read_bio_X509_CRL() failed ${NO_START('X509 CRL')}`],
      ['ca.crl', undefined],
    ],
    { ...on, clientCertificate: 'ca.pem' },
  );

  test('a CRL that is none', () => {
    const message = problem({ ...on, verifyClient: 'on', clientCertificate: 'ca.pem', crl: 'bad-crl' });
    assert.match(message ?? '', /^cannot load CRL "bad-crl": PEM_read_bio_X509_CRL\(\) failed \(SSL: .*ASN1 lib\)$/);
  });

  test('one of the two files is enough, and optional_no_ca needs none', () => {
    assert.equal(problem({ verifyClient: 'optional' }), requirement);
    assert.equal(problem({ verifyClient: 'optional', trustedCertificate: 'ca.pem' }), undefined);
    assert.equal(problem({ verifyClient: 'optional_no_ca' }), undefined);
  });

  test('nothing is read where clients are not verified', () => {
    assert.equal(problem({ clientCertificate: 'missing', trustedCertificate: 'missing', crl: 'missing' }), undefined);
  });
});

describe('ssl_session_ticket_key', () => {
  const end = 'in /etc/nginx/nginx.conf:9';
  cases('sessionTicketKeys', [
    ['missing', `open() "missing" failed (2: No such file or directory) ${end}`],
    ['t47', `"t47" must be 48 or 80 bytes ${end}`],
    ['folder', `"folder" must be 48 or 80 bytes ${end}`],
    ['t48', undefined],
    ['t80', undefined],
  ]);
});

test('the first problem in nginx its order is the one that is told', () => {
  const wrong: [keyof TlsSettings, unknown, RegExp][] = [
    ['certificates', [], /^no "ssl_certificate"/],
    ['ciphers', 'foo', /^SSL_CTX_set_cipher_list/],
    ['certificates', ['garbage'], /^cannot load certificate "garbage"/],
    ['keys', ['garbage'], /^cannot load certificate key/],
    ['clientCertificate', 'garbage', /^cannot load certificate "garbage"/],
    ['crl', 'garbage', /^cannot load CRL/],
    ['dhparam', 'garbage', /^PEM_read_bio_DHparams/],
    ['ecdhCurve', 'foo', /^SSL_CTX_set1_curves_list/],
    ['sessionTicketKeys', ['t47'], /^"t47"/],
    ['confCommands', [{ name: 'x', value: 'y' }], /^SSL_CONF_cmd/],
  ];
  let settings: Partial<TlsSettings> = { verifyClient: 'on', clientCertificate: 'ca.pem' };
  for (const [key, value, expected] of wrong.reverse()) {
    settings = { ...settings, [key]: value };
    assert.match(problem(settings) ?? '', expected);
    if (key === 'clientCertificate') settings = { ...settings, clientCertificate: 'ca.pem' };
  }
});
