// Whether a server is the one that is wanted, over both transports.
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { ClientTlsSettings } from '../../../../src/net/tls/client-context.ts';
import type { Transport } from '../../../../src/net/transport.ts';
import { Dialled } from '../../../support/dialled.ts';
import { pem } from '../../../support/tls.ts';
import { clientTls, peerOf, tlsServer } from '../../../support/tls-backend.ts';
import { TRANSPORTS } from '../../../support/transports.ts';

const pinOf = (name: string): Buffer =>
  createHash('sha256')
    .update(new X509Certificate(pem(`${name}.pem`)).raw)
    .digest();

/** What is said of a server with this certificate, at the first visit and at the next one. */
async function verdicts(
  t: TestContext,
  transport: Transport,
  settings: Partial<ClientTlsSettings>,
  { certificate = 'server-rsa', name = 'mail.example' } = {},
): Promise<readonly (string | undefined)[]> {
  const tls = clientTls(settings);
  const port = await tlsServer(t, (socket) => socket.write('hello'), { certificate });
  const found: (string | undefined)[] = [];
  for (let visit = 0; visit < 2; visit++) {
    const dialled = new Dialled(t, transport, port);
    const outcome = await dialled.startTls(peerOf(tls, { name }));
    if (outcome.kind === 'refused') {
      found.push(outcome.log);
      continue;
    }
    assert.ok(outcome.kind === 'secure');
    assert.equal(outcome.end.resumed(), visit > 0);
    found.push(undefined);
    dialled.conn.resume();
    await dialled.text('hello'); // the session has come
    dialled.conn.destroy();
  }
  return found;
}

const verify = { verify: true, trusted: 'ca.pem' } as const;
const twice = (text: string | undefined): readonly (string | undefined)[] => [text, text];

for (const transport of TRANSPORTS) {
  const over = (name: string): string => `${transport.name}: ${name}`;

  test(over('without verification and pins any certificate will do'), async (t) => {
    assert.deepEqual(await verdicts(t, transport, {}, { certificate: 'client-self', name: 'x' }), twice(undefined));
  });

  test(over('a certificate of the CA, with the name or the address'), async (t) => {
    assert.deepEqual(await verdicts(t, transport, verify), twice(undefined));
    assert.deepEqual(await verdicts(t, transport, verify, { name: '127.0.0.1' }), twice(undefined));
    assert.deepEqual(await verdicts(t, transport, verify, { certificate: 'server-ec' }), twice(undefined));
  });

  test(over('a certificate for another name'), async (t) => {
    const text = 'upstream SSL certificate does not match "mail.example.org"';
    assert.deepEqual(await verdicts(t, transport, verify, { name: 'mail.example.org' }), twice(text));
    const address = 'upstream SSL certificate does not match "127.0.0.2"';
    assert.deepEqual(await verdicts(t, transport, verify, { name: '127.0.0.2' }), twice(address));
  });

  test(over('a certificate that nobody vouches for'), async (t) => {
    const text = 'upstream SSL certificate verify error: (21:unable to verify the first certificate)';
    assert.deepEqual(await verdicts(t, transport, { ...verify, trusted: 'other-ca.pem' }), twice(text));
    const client = 'upstream SSL certificate verify error: (26:unsuitable certificate purpose)';
    assert.deepEqual(await verdicts(t, transport, verify, { certificate: 'client' }), twice(client));
  });

  test(over('a certificate that was revoked, or has expired'), async (t) => {
    const crl = { ...verify, crl: 'ca.crl' };
    const revoked = await verdicts(t, transport, crl, { certificate: 'client-revoked' });
    assert.deepEqual(revoked, twice('upstream SSL certificate verify error: (23:certificate revoked)'));
    const expired = await verdicts(t, transport, verify, { certificate: 'client-expired' });
    assert.deepEqual(expired, twice('upstream SSL certificate verify error: (10:certificate has expired)'));
  });

  test(over('a certificate that is pinned, among others, and one that is not'), async (t) => {
    const pins = [pinOf('server-ec'), pinOf('server-rsa')];
    assert.deepEqual(await verdicts(t, transport, { pins }, { name: 'x' }), twice(undefined));
    const text = 'upstream SSL certificate is not pinned';
    assert.deepEqual(await verdicts(t, transport, { pins }, { certificate: 'client-self' }), twice(text));
    assert.deepEqual(await verdicts(t, transport, { ...verify, pins: [pinOf('server-ec')] }), twice(text));
  });

  test(over('a pin does not replace the verification that was asked for'), async (t) => {
    const settings = { ...verify, pins: [pinOf('client-self')] };
    const text = 'upstream SSL certificate verify error: (26:unsuitable certificate purpose)';
    assert.deepEqual(await verdicts(t, transport, settings, { certificate: 'client-self' }), twice(text));
  });
}
