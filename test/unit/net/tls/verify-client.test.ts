// ssl_verify_client: the decision, and the verify results that it is made from.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TlsInfo } from '../../../../src/net/tls/established.ts';
import type { TlsSettings, VerifyMode } from '../../../../src/net/tls/settings.ts';
import { type ClientVerdict, verifyClient } from '../../../../src/net/tls/verify-client.ts';
import { verifyResult, verifyResultOf } from '../../../../src/net/tls/verify-codes.ts';
import type { Scope } from '../../../support/cleanup.ts';
import { buildTls, call, pem, serveTls } from '../../../support/tls.ts';

const show = (verdict: ClientVerdict): string =>
  verdict.kind === 'error' ? `${verdict.code}: ${verdict.text}` : verdict.kind;

const CA = { clientCertificate: 'ca.pem' };
const WITH_CRL = { ...CA, crl: 'ca.crl' };
const NO_CA = { clientCertificate: undefined };

/** Connects with a certificate and gives the verdict, in a full handshake and in a resumed one. */
async function verdicts(t: Scope, over: Partial<TlsSettings>, certificate: string | undefined): Promise<string[]> {
  const server = await serveTls(t, buildTls(over));
  const mode = over.verifyClient ?? 'off';
  const client = certificate === undefined ? {} : { cert: pem(`${certificate}.pem`), key: pem(`${certificate}.key`) };
  const first = await call(t, server.port, client);
  const full = await server.secure();
  assert.equal(full.peerCertificate !== undefined, certificate !== undefined);
  await call(t, server.port, first.session === undefined ? client : { ...client, session: first.session });
  const resumed = await server.secure();
  assert.equal(resumed.resumed, true);
  return [show(verifyClient(mode, full)), show(verifyClient(mode, resumed))];
}

describe('client certificates', () => {
  const cases: readonly [string, string | undefined, Partial<TlsSettings>, string, string, string][] = [
    ['none', undefined, CA, 'no-cert', 'ok', 'ok'],
    ['a valid one', 'client', CA, 'ok', 'ok', 'ok'],
    ['a self-signed one', 'client-self', CA, '18: self-signed certificate', '=', 'ok'],
    ['one of an unknown CA', 'client-stranger', CA, '21: unable to verify the first certificate', '=', 'ok'],
    ['an expired one', 'client-expired', CA, '10: certificate has expired', '=', '='],
    ['a revoked one', 'client-revoked', WITH_CRL, '23: certificate revoked', '=', '='],
    ['a revoked one, without a CRL', 'client-revoked', CA, 'ok', 'ok', 'ok'],
    ['a valid one, with a CRL', 'client', WITH_CRL, 'ok', 'ok', 'ok'],
  ];
  for (const [what, certificate, settings, on, optional, noCa] of cases) {
    const expected = { on, optional: optional === '=' ? on : optional, optional_no_ca: noCa === '=' ? on : noCa };
    for (const verifyClientMode of ['on', 'optional', 'optional_no_ca'] as const) {
      test(`${what}: ${verifyClientMode}`, async (t) => {
        const got = await verdicts(t, { ...settings, verifyClient: verifyClientMode }, certificate);
        assert.deepEqual(got, [expected[verifyClientMode], expected[verifyClientMode]]);
      });
    }
  }

  test('optional_no_ca needs no CA at all', async (t) => {
    const over = { ...NO_CA, verifyClient: 'optional_no_ca' } as const;
    assert.deepEqual(await verdicts(t, over, 'client'), ['ok', 'ok']);
  });

  test('where verification is off the client is not asked', async (t) => {
    const server = await serveTls(t, buildTls());
    await call(t, server.port, { cert: pem('client.pem'), key: pem('client.key') });
    const info = await server.secure();
    assert.equal(info.peerCertificate, undefined);
    assert.equal(show(verifyClient('off', info)), 'ok');
  });
});

describe('ssl_verify_depth', () => {
  const ISSUER = '20: unable to get local issuer certificate';
  const cases: readonly [number, string, string][] = [
    [0, 'client', 'ok'],
    [0, 'client-deep1', ISSUER],
    [1, 'client-deep1', 'ok'],
    [1, 'client-deep2', ISSUER],
    [2, 'client-deep2', 'ok'],
  ];
  for (const [verifyDepth, certificate, expected] of cases) {
    test(`${verifyDepth}: ${certificate} ${expected === 'ok' ? 'passes' : 'is too deep'}`, async (t) => {
      const got = await verdicts(t, { ...CA, verifyClient: 'on', verifyDepth }, certificate);
      assert.deepEqual(got, [expected, expected]);
    });
  }

  test('an issuer that is trusted here makes another code', async (t) => {
    const over = { clientCertificate: 'ca.pem', trustedCertificate: 'intermediate.pem', verifyDepth: 0 } as const;
    const got = await verdicts(t, { ...over, verifyClient: 'on' }, 'client-deep1');
    assert.deepEqual(got, ['2: unable to get issuer certificate', '2: unable to get issuer certificate']);
  });
});

describe('verify results', () => {
  const error = (message: string, code?: string) =>
    Object.assign(new Error(message), code === undefined ? {} : { code });

  test('are known by the name that Node.js gives, whatever it adds to the text', () => {
    const advice =
      'self-signed certificate; if the root CA is installed locally, try running Node.js with --use-system-ca';
    assert.deepEqual(verifyResultOf(error(advice, 'DEPTH_ZERO_SELF_SIGNED_CERT')), verifyResult(18));
  });

  test('are known by their text where Node.js has no name', () => {
    const result = verifyResultOf(error('unable to get CRL issuer certificate', 'UNSPECIFIED'));
    assert.deepEqual(result, { code: 33, text: 'unable to get CRL issuer certificate' });
    assert.deepEqual(verifyResultOf(error('something new')), { code: 1, text: 'something new' });
  });
});

test('a connection in clear needs no certificate', () => {
  const mode: VerifyMode = 'on';
  const tls: TlsInfo | undefined = undefined;
  assert.deepEqual(verifyClient(mode, tls), { kind: 'ok' });
});
