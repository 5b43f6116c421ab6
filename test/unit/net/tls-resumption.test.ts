// Resumption of TLS sessions: tickets, caches, and what must not be resumed.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SecureVersion } from 'node:tls';
import { SessionZones } from '../../../src/net/session-cache.ts';
import { buildServerTls } from '../../../src/net/tls-context.ts';
import type { SessionCache, TlsSettings } from '../../../src/net/tls-settings.ts';
import type { Scope } from '../../support/cleanup.ts';
import { buildTls, call, filesWith, pem, serveTls, tlsSettings } from '../../support/tls.ts';

const OFF: SessionCache = { kind: 'off' };
const NONE: SessionCache = { kind: 'none' };
const BUILTIN: SessionCache = { kind: 'cache', builtin: 100, shared: undefined };
const SHARED: SessionCache = { kind: 'cache', builtin: undefined, shared: { name: 'SSL', bytes: 1 << 20 } };
const VERSIONS: readonly SecureVersion[] = ['TLSv1.2', 'TLSv1.3'];

/** Whether a second and a third connection with the first one's session are resumed. */
async function isResumed(t: Scope, port: number, version: SecureVersion): Promise<readonly boolean[]> {
  const only = { minVersion: version, maxVersion: version };
  const first = await call(t, port, only);
  if (first.session === undefined) return [false, false];
  const second = await call(t, port, { ...only, session: first.session });
  const third = await call(t, port, { ...only, session: second.session ?? first.session });
  return [second.reused, third.reused];
}

describe('ssl_session_cache and ssl_session_tickets', () => {
  for (const [name, sessionCache] of Object.entries({ off: OFF, none: NONE, builtin: BUILTIN, shared: SHARED })) {
    for (const sessionTickets of [true, false]) {
      const expected = sessionTickets || sessionCache.kind === 'cache';
      const title = `${name} with tickets ${sessionTickets ? 'on' : 'off'}: ${expected ? 'resumed' : 'not resumed'}`;
      test(title, async (t) => {
        const server = await serveTls(t, buildTls({ sessionCache, sessionTickets }));
        for (const version of VERSIONS) {
          assert.deepEqual(await isResumed(t, server.port, version), [expected, expected], version);
        }
      });
    }
  }

  test('the server knows that a session was resumed', async (t) => {
    const server = await serveTls(t, buildTls());
    const { session } = await call(t, server.port);
    assert.equal((await server.secure()).resumed, false);
    await call(t, server.port, session === undefined ? {} : { session });
    assert.equal((await server.secure()).resumed, true);
  });

  test('a session that was forgotten is not resumed', async (t) => {
    const server = await serveTls(t, buildTls({ sessionCache: BUILTIN, sessionTickets: false }), {
      secured: (conn, info) => {
        info.forgetSession();
        conn.write(Buffer.from('* BYE\r\n'));
      },
    });
    assert.deepEqual(await isResumed(t, server.port, 'TLSv1.2'), [false, false]);
  });

  test('ssl_conf_command Options -SessionTicket is the same as ssl_session_tickets off', async (t) => {
    const confCommands = [{ name: 'Options', value: '-SessionTicket' }];
    const server = await serveTls(t, buildTls({ confCommands }));
    assert.deepEqual(await isResumed(t, server.port, 'TLSv1.3'), [false, false]);
  });
});

/** Whether a session of one server is resumed by another. */
async function moves(t: Scope, from: Partial<TlsSettings>, to: Partial<TlsSettings>): Promise<boolean> {
  const zones = new SessionZones();
  const [first, second] = [await serveTls(t, buildTls(from, zones)), await serveTls(t, buildTls(to, zones))];
  const { session } = await call(t, first.port);
  assert.ok(session !== undefined);
  return (await call(t, second.port, { session })).reused;
}

describe('sessions of another server', () => {
  test('are good where both share a zone and have the same certificate', async (t) => {
    for (const sessionTickets of [true, false]) {
      const settings: Partial<TlsSettings> = { sessionCache: SHARED, sessionTickets };
      assert.equal(await moves(t, settings, settings), true);
    }
  });

  test('are not good without a common zone', async (t) => {
    assert.equal(await moves(t, { sessionCache: NONE }, { sessionCache: NONE }), false);
  });

  test('are not good where the certificates differ', async (t) => {
    const other = { certificates: ['server-ec.pem'], keys: ['server-ec.key'] };
    assert.equal(await moves(t, { sessionCache: SHARED }, { sessionCache: SHARED, ...other }), false);
  });

  test('are not good where client certificates are asked for only there', async (t) => {
    const verify = { verifyClient: 'optional', clientCertificate: 'ca.pem' } as const;
    for (const sessionTickets of [true, false]) {
      const from: Partial<TlsSettings> = { sessionCache: SHARED, sessionTickets };
      assert.equal(await moves(t, from, { ...from, ...verify }), false);
    }
  });
});

describe('ssl_session_ticket_key', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((letter) => Buffer.alloc(48, letter));
  const long = Buffer.alloc(80, 'd');
  const files = filesWith({ a: a ?? '', b: b ?? '', c: c ?? '', long });
  const serve = (t: Scope, sessionTicketKeys: readonly string[], over: Partial<TlsSettings> = {}) =>
    serveTls(t, buildServerTls(tlsSettings({ sessionTicketKeys, ...over }), files));

  for (const version of VERSIONS) {
    test(`a rotated key still decrypts, a dropped one does not (${version})`, async (t) => {
      const only = { minVersion: version, maxVersion: version };
      const { session } = await call(t, (await serve(t, ['a'])).port, only);
      assert.ok(session !== undefined);
      const reuse = async (keys: readonly string[]): Promise<boolean> =>
        (await call(t, (await serve(t, keys)).port, { ...only, session })).reused;
      assert.equal(await reuse(['a']), true);
      assert.equal(await reuse(['b', 'c', 'a']), true);
      assert.equal(await reuse(['b', 'c']), false);
    });
  }

  test('a file of 80 bytes does for tickets too', async (t) => {
    const { session } = await call(t, (await serve(t, ['long'])).port);
    assert.ok(session !== undefined);
    const { reused } = await call(t, (await serve(t, ['a', 'long'])).port, { session });
    assert.equal(reused, true);
  });

  for (const sessionTickets of [true, false]) {
    test(`sessions of a server that verifies its clients are good only there (${sessionTickets ? 'tickets' : 'cache'})`, async (t) => {
      const over = {
        verifyClient: 'optional',
        clientCertificate: 'ca.pem',
        sessionCache: SHARED,
        sessionTickets,
      } as const;
      const zones = new SessionZones();
      const settings = tlsSettings({ ...over, sessionTicketKeys: ['a'] });
      const make = () => serveTls(t, buildServerTls(settings, files, zones));
      const [first, second] = [await make(), await make()];
      const client = { cert: pem('client.pem'), key: pem('client.key') };
      const { session } = await call(t, first.port, client);
      assert.ok(session !== undefined);
      assert.equal((await call(t, first.port, { ...client, session })).reused, true);
      assert.equal((await call(t, second.port, { ...client, session })).reused, false);
    });
  }
});
