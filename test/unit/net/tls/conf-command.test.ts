// ssl_conf_command and the directives that it overrides, seen from a client.
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { ConfError } from '../../../../src/conf/directive.ts';
import type { TlsProtocolName, TlsSettings } from '../../../../src/net/tls/settings.ts';
import type { Scope } from '../../../support/cleanup.ts';
import { buildTls, CERTS, call, pem, serveTls, visit } from '../../../support/tls.ts';

const command = (name: string, value: string): Partial<TlsSettings> => ({ confCommands: [{ name, value }] });

function problem(name: string, value: string): string | undefined {
  try {
    buildTls(command(name, value));
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfError)) throw error;
    return error.message;
  }
}

describe('values that OpenSSL takes', () => {
  for (const [name, value] of [
    ['MinProtocol', 'TLSv1.2'],
    ['MinProtocol', 'None'],
    ['MaxProtocol', 'TLSv1.3'],
    ['maxprotocol', 'DTLSv1.2'],
    ['Protocol', '-ALL,TLSv1.2'],
    ['Protocol', 'ALL, -TLSv1.1'],
    ['CipherString', 'HIGH'],
    ['Ciphersuites', 'TLS_AES_128_GCM_SHA256'],
    ['Ciphersuites', ''],
    ['Curves', 'P-256'],
    ['Groups', 'X25519:P-384'],
    ['SignatureAlgorithms', 'RSA+SHA256:ecdsa_secp256r1_sha256'],
    ['Options', ' PrioritizeChaCha , -CANames '],
    ['options', 'KTLS,ServerPreference,MiddleboxCompat'],
  ] as const) {
    test(`${name} "${value}"`, () => assert.equal(problem(name, value), undefined));
  }
});

describe('values that are refused', () => {
  const bad = (name: string, value: string, queue = ''): string =>
    `SSL_CONF_cmd("${name}", "${value}") failed (SSL: ${queue}error:0A000180:SSL routines::bad value:cmd=${name}, value=${value})`;
  const noCipher = 'error:0A0000B9:SSL routines::no cipher match ';
  const noGroup = "error:0A080106:SSL routines::passed invalid argument:group 'foo' cannot be set ";
  for (const [name, value, expected] of [
    ['MinProtocol', 'foo', bad('MinProtocol', 'foo')],
    ['MinProtocol', 'tlsv1.2', bad('MinProtocol', 'tlsv1.2')],
    ['Protocol', 'foo', bad('Protocol', 'foo')],
    ['CipherString', 'foo', bad('CipherString', 'foo', noCipher)],
    ['CipherString', '', bad('CipherString', '', noCipher)],
    ['Ciphersuites', 'foo', bad('Ciphersuites', 'foo', noCipher)],
    ['Groups', 'foo', bad('Groups', 'foo', noGroup)],
    ['Groups', '', bad('Groups', '')],
    ['SignatureAlgorithms', 'foo', bad('SignatureAlgorithms', 'foo')],
    ['Options', 'foo', bad('Options', 'foo')],
    ['Options', 'constructor', bad('Options', 'constructor')],
  ] as const) {
    test(`${name} "${value}"`, () => assert.equal(problem(name, value), expected));
  }

  for (const name of ['foo', 'constructor', '-min_protocol']) {
    test(`the unknown command ${name}`, () => {
      const queue = `error:0A000182:SSL routines::unknown cmd name:cmd=${name}`;
      assert.equal(problem(name, 'x'), `SSL_CONF_cmd("${name}", "x") failed (SSL: ${queue})`);
    });
  }

  for (const [name, value] of [
    ['NumTickets', '3'],
    ['VerifyMode', 'Peer'],
    ['Options', '-MiddleboxCompat'],
  ] as const) {
    test(`${name} ${value}, which Node.js has no way to`, () => {
      assert.equal(problem(name, value), `SSL_CONF_cmd("${name}", "${value}") failed (Postern does not support this)`);
    });
  }
});

describe('Certificate and PrivateKey', () => {
  const ec = { certificates: ['server-ec.pem'], keys: ['server-ec.key'] };
  const files = (certificate: string, key: string): Partial<TlsSettings> => ({
    confCommands: [
      { name: 'Certificate', value: certificate },
      { name: 'PrivateKey', value: key },
    ],
  });

  const shown = async (t: Scope, over: Partial<TlsSettings>, options: ConnectionOptions): Promise<string> => {
    const server = await serveTls(t, buildTls(over));
    const { socket } = await visit(t, server.port, options);
    const { raw } = socket.getPeerCertificate();
    socket.destroy();
    return createHash('sha256').update(raw).digest('hex');
  };
  const digest = (name: string): string =>
    createHash('sha256')
      .update(new X509Certificate(pem(name)).raw)
      .digest('hex');

  test('take the place of the pair of their key type', async (t) => {
    const over = { ...ec, ...files('client.pem', 'client.key') };
    assert.equal(await shown(t, over, TLS13), digest('client.pem'));
    assert.equal(await shown(t, over, TLS12), digest('client.pem'));
  });

  test('stand beside the pair of another key type', async (t) => {
    const over = { ...ec, ...files('server-rsa.pem', 'server-rsa.key') };
    assert.equal(await shown(t, over, { ...TLS12, ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }), digest('server-rsa.pem'));
    assert.equal(await shown(t, over, { ...TLS12, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }), digest('server-ec.pem'));
  });

  test('what cannot be loaded', () => {
    const system = (path: string): string =>
      `error:80000002:system library::No such file or directory:calling fopen(${path}, r) ` +
      'error:10080002:BIO routines::system lib error:0A080002:SSL routines::system lib';
    const noStart = 'error:0480006C:PEM routines::no start line:Expecting: TRUSTED CERTIFICATE';
    const noKey = 'error:1E08010C:DECODER routines::unsupported:No supported data to decode. Input type: PEM';
    const pemLib = 'error:0A080009:SSL routines::PEM lib';
    for (const [name, value, queue] of [
      ['Certificate', '/missing.pem', system('/missing.pem')],
      ['Certificate', `${CERTS}/server-ec.key`, `${noStart} ${pemLib}`],
      ['PrivateKey', '/missing.key', system('/missing.key')],
      ['privatekey', `${CERTS}/server-ec.pem`, `${noKey} ${pemLib}`],
    ] as const) {
      const bad = `error:0A000180:SSL routines::bad value:cmd=${name}, value=${value}`;
      assert.equal(problem(name, value), `SSL_CONF_cmd("${name}", "${value}") failed (SSL: ${queue} ${bad})`);
    }
  });
});

/** Version and cipher that a client gets; undefined where the handshake fails. */
async function negotiated(
  t: Scope,
  over: Partial<TlsSettings>,
  options: ConnectionOptions = {},
): Promise<string | undefined> {
  const server = await serveTls(t, buildTls(over));
  try {
    await call(t, server.port, options);
  } catch {
    return undefined;
  }
  const { protocol, cipher } = await server.secure();
  return `${protocol} ${cipher}`;
}

const TLS12 = { maxVersion: 'TLSv1.2' } as const;
const TLS13 = { minVersion: 'TLSv1.3' } as const;

describe('ssl_protocols', () => {
  const set = (...names: TlsProtocolName[]): Partial<TlsSettings> => ({ protocols: new Set(names) });
  const old = { ...set('TLSv1', 'TLSv1.1', 'TLSv1.3'), ciphers: 'HIGH:@SECLEVEL=0' };
  const oldClient = (version: 'TLSv1' | 'TLSv1.1'): ConnectionOptions => ({
    minVersion: version,
    maxVersion: version,
    ciphers: 'HIGH:@SECLEVEL=0',
  });

  test('only what is listed is spoken', async (t) => {
    assert.equal(await negotiated(t, set('TLSv1.2'), TLS13), undefined);
    assert.match((await negotiated(t, set('TLSv1.2'))) ?? '', /^TLSv1\.2 /);
    assert.equal(await negotiated(t, set('TLSv1.3'), TLS12), undefined);
    assert.match((await negotiated(t, set('TLSv1.3'))) ?? '', /^TLSv1\.3 /);
  });

  test('the list may have holes', async (t) => {
    assert.match((await negotiated(t, old, oldClient('TLSv1.1'))) ?? '', /^TLSv1\.1 /);
    assert.match((await negotiated(t, old, oldClient('TLSv1'))) ?? '', /^TLSv1 /);
    assert.equal(await negotiated(t, old, { minVersion: 'TLSv1.2', ...TLS12 }), undefined);
  });

  test('nothing that the library has means no handshake', async (t) => {
    assert.equal(await negotiated(t, set('SSLv2', 'SSLv3')), undefined);
  });

  test('Protocol, MinProtocol and MaxProtocol override', async (t) => {
    assert.equal(await negotiated(t, command('MaxProtocol', 'TLSv1.2'), TLS13), undefined);
    assert.equal(await negotiated(t, command('MinProtocol', 'TLSv1.3'), TLS12), undefined);
    const over = { ...set('TLSv1.2'), ...command('Protocol', '-ALL,TLSv1.3') };
    assert.match((await negotiated(t, over)) ?? '', /^TLSv1\.3 /);
  });
});

describe('ciphers', () => {
  const [first, second] = ['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384'];
  const server = { ciphers: `${first}:${second}` };
  const client = { ...TLS12, ciphers: `${second}:${first}` };

  test('the order of the client counts, unless ssl_prefer_server_ciphers says otherwise', async (t) => {
    assert.equal(await negotiated(t, server, client), `TLSv1.2 ${second}`);
    assert.equal(await negotiated(t, { ...server, preferServerCiphers: true }, client), `TLSv1.2 ${first}`);
    const option = { ...server, ...command('Options', 'ServerPreference') };
    assert.equal(await negotiated(t, option, client), `TLSv1.2 ${first}`);
  });

  test('DHE is there with ssl_dhparam only', async (t) => {
    const dhe = { ...TLS12, ciphers: 'DHE-RSA-AES128-GCM-SHA256' };
    assert.equal(await negotiated(t, {}, dhe), undefined);
    assert.equal(await negotiated(t, { dhparam: 'dhparam.pem' }, dhe), 'TLSv1.2 DHE-RSA-AES128-GCM-SHA256');
  });

  test('CipherString and Ciphersuites override', async (t) => {
    assert.equal(await negotiated(t, { ...server, ...command('CipherString', first) }, client), `TLSv1.2 ${first}`);
    const suites = command('Ciphersuites', 'TLS_CHACHA20_POLY1305_SHA256');
    assert.equal(await negotiated(t, suites), 'TLSv1.3 TLS_CHACHA20_POLY1305_SHA256');
  });

  test('ssl_ecdh_curve and Groups limit the key exchange', async (t) => {
    const p256 = { ecdhCurve: 'P-256' };
    assert.equal(await negotiated(t, { ecdhCurve: 'P-384' }, p256), undefined);
    assert.match((await negotiated(t, { ecdhCurve: 'P-384', ...command('Groups', 'P-256') }, p256)) ?? '', /^TLSv1\.3/);
  });
});
