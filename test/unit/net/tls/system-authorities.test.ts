// Certificates of servers where the configuration names no CA: those of the machine count.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connection, IGNORE } from '../../../../src/net/connection.ts';
import { buildClientTls, type ClientTlsSettings } from '../../../../src/net/tls/client-context.ts';
import type { ClientTlsOutcome } from '../../../../src/net/tls/client-outcome.ts';
import type { TlsFiles } from '../../../../src/net/tls/files.ts';
import { Cleanup } from '../../../support/cleanup.ts';
import { inTime } from '../../../support/in-time.ts';
import { pem } from '../../../support/tls.ts';
import { peerOf, tlsServer } from '../../../support/tls-backend.ts';
import { TRANSPORTS } from '../../../support/transports.ts';

const SETTINGS: ClientTlsSettings = {
  prefix: 'auth_http_ssl',
  certificate: undefined,
  key: undefined,
  passphrases: undefined,
  protocols: new Set(['TLSv1.2', 'TLSv1.3']),
  ciphers: 'DEFAULT',
  verify: true,
  verifyDepth: 1,
  trusted: undefined,
  trustsSystem: true,
  crl: undefined,
  confCommands: [],
  reusesSessions: false,
  pins: [],
  renegotiates: false,
};

/** A machine with a bundle, or without one. */
const machine = (bundle: Buffer | undefined): TlsFiles => ({
  confPrefix: '/etc/nginx/',
  readFile: (path) => (path === '/etc/pki/tls/certs/ca-bundle.crt' && bundle !== undefined ? bundle : { errno: 2 }),
});

for (const transport of TRANSPORTS) {
  for (const { name, bundle, kind } of [
    { name: 'with the CA', bundle: Buffer.concat([pem('other-ca.pem'), pem('ca.pem')]), kind: 'secure' },
    {
      name: 'with the CA behind what cannot be read',
      bundle: Buffer.concat([spoilt(), pem('ca.pem')]),
      kind: 'secure',
    },
    { name: 'without the CA', bundle: pem('other-ca.pem'), kind: 'refused' },
    { name: 'that is not there', bundle: undefined, kind: 'refused' },
  ]) {
    test(`a bundle ${name}, by ${transport.name}`, async (t) => {
      const scope = new Cleanup();
      t.after(() => scope.run());
      const port = await tlsServer(scope, () => {});
      const tls = buildClientTls(SETTINGS, machine(bundle));
      const conn: Connection = transport.dial({ kind: 'inet', address: '127.0.0.1', port }, IGNORE);
      scope.after(() => conn.destroy());
      const outcome = await inTime(
        new Promise<ClientTlsOutcome>((resolve) => conn.startClientTls(peerOf(tls), resolve)),
        'the end of the handshake',
      );
      if (outcome.kind === 'secure') conn.handler = IGNORE;
      assert.equal(outcome.kind, kind);
    });
  }
}

function spoilt(): Buffer {
  return Buffer.from(pem('other-ca.pem').toString().replace('MII', 'XXX'));
}
