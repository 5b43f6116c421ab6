// Resumption of TLS sessions: tickets, caches, and what must not be resumed.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ConnectionOptions, SecureVersion } from 'node:tls';
import { buildServerTls } from '../../../../src/net/tls/context.ts';
import { type RemoteSessions, SessionZones } from '../../../../src/net/tls/session-zones.ts';
import type { SessionCache, TlsSettings } from '../../../../src/net/tls/settings.ts';
import type { Scope } from '../../../support/cleanup.ts';
import {
  buildTls,
  type ClientSession,
  call,
  filesWith,
  pem,
  serveTls,
  tlsSettings,
  visit,
} from '../../../support/tls.ts';

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

  test('a ticket of TLS 1.2 stays the same, also with clients of TLS 1.3 in between', async (t) => {
    const server = await serveTls(t, buildTls());
    const only = { maxVersion: 'TLSv1.2' } as const;
    const first = await visit(t, server.port, only);
    const { session } = first;
    assert.ok(session !== undefined);
    for (let times = 0; times < 3; times++) {
      const again = await visit(t, server.port, { ...only, session });
      assert.equal(again.reused, true);
      assert.deepEqual(again.socket.getTLSTicket(), first.socket.getTLSTicket());
      const newer = await call(t, server.port);
      await call(t, server.port, newer.session === undefined ? {} : { session: newer.session });
    }
  });

  test('a client of TLS 1.3 gets another ticket with every resumption', async (t) => {
    const server = await serveTls(t, buildTls());
    const seen = new Set<string>();
    let session: Buffer | undefined;
    for (let times = 0; times < 5; times++) {
      const client: ClientSession = await call(t, server.port, session === undefined ? {} : { session });
      assert.equal(client.reused, times > 0);
      session = client.session;
      assert.ok(session !== undefined);
      seen.add(session.toString('latin1'));
    }
    assert.equal(seen.size, 5);
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

    test(`a ticket of a key that does not encrypt any more is replaced (${version})`, async (t) => {
      const only = { minVersion: version, maxVersion: version };
      const { session } = await call(t, (await serve(t, ['a'])).port, only);
      assert.ok(session !== undefined);
      const again = await visit(t, (await serve(t, ['b', 'a'])).port, { ...only, session });
      assert.equal(again.reused, true);
      const renewed = again.session ?? again.socket.getSession();
      assert.ok(renewed !== undefined);
      const last = await call(t, (await serve(t, ['b'])).port, { ...only, session: renewed });
      assert.equal(last.reused, true);
    });
  }

  test('a file of 80 bytes does for tickets too', async (t) => {
    const { session } = await call(t, (await serve(t, ['long'])).port);
    assert.ok(session !== undefined);
    const { reused } = await call(t, (await serve(t, ['a', 'long'])).port, { session });
    assert.equal(reused, true);
  });

  test('does not help between servers that verify their clients', async (t) => {
    const over = { verifyClient: 'optional', clientCertificate: 'ca.pem' } as const;
    const [first, second] = [await serve(t, ['a'], over), await serve(t, ['a'], over)];
    const { session } = await call(t, first.port, CLIENT);
    assert.ok(session !== undefined);
    assert.equal((await call(t, first.port, { ...CLIENT, session })).reused, true);
    assert.equal((await call(t, second.port, { ...CLIENT, session })).reused, false);
  });
});

const CLIENT = { cert: pem('client.pem'), key: pem('client.key') };
const DEEP = { cert: pem('client-deep1.pem'), key: pem('client-deep1.key') };

/** Zones of two processes that have a third one between them, which answers later, or never. */
function twoProcesses(answers = true): [SessionZones, SessionZones] {
  const kept = new Map<string, Buffer>();
  const both: [SessionZones, SessionZones] = [new SessionZones(), new SessionZones()];
  const keyOf = (zone: string, id: Buffer): string => `${zone} ${id.toString('hex')}`;
  const remote: RemoteSessions = {
    put: (zone, id, session, _lifetimeS, done) => {
      // It is found only when it has been said to be there.
      setImmediate(() => {
        kept.set(keyOf(zone, id), session);
        done();
      });
    },
    find: (zone, id, done) => setImmediate(() => done(answers ? kept.get(keyOf(zone, id)) : undefined)),
    remove: (zone, id) => {
      kept.delete(keyOf(zone, id));
      for (const zones of both) zones.forget(zone, id);
    },
  };
  return [connected(both[0], remote), connected(both[1], remote)];
}

/** Zones are connected when every server has been read. */
function connected(zones: SessionZones, remote: RemoteSessions): SessionZones {
  zones.get('SSL', 1 << 20);
  zones.connect(remote, new Map());
  return zones;
}

describe('a zone that two processes share', () => {
  const settings: Partial<TlsSettings> = { sessionCache: SHARED, sessionTickets: false };
  for (const version of VERSIONS) {
    const only = { minVersion: version, maxVersion: version };

    test(`a session is resumed in the other process (${version})`, async (t) => {
      const [a, b] = twoProcesses();
      const { session } = await call(t, (await serveTls(t, buildTls(settings, a))).port, only);
      assert.ok(session !== undefined);
      const { reused } = await call(t, (await serveTls(t, buildTls(settings, b))).port, { ...only, session });
      assert.equal(reused, true);
    });

    test(`without an answer there is a full handshake (${version})`, async (t) => {
      const [a, b] = twoProcesses(false);
      const { session } = await call(t, (await serveTls(t, buildTls(settings, a))).port, only);
      assert.ok(session !== undefined);
      const other = await serveTls(t, buildTls(settings, b));
      assert.equal((await call(t, other.port, { ...only, session })).reused, false);
    });

    test(`a session that the other process has forgotten is not resumed (${version})`, async (t) => {
      const [a, b] = twoProcesses();
      const first = await serveTls(t, buildTls(settings, a));
      const second = await serveTls(t, buildTls(settings, b), {
        secured: (conn, info) => {
          info.forgetSession();
          conn.write(Buffer.from('* BYE\r\n'));
        },
      });
      const { session } = await call(t, first.port, only);
      assert.ok(session !== undefined);
      assert.equal((await call(t, second.port, { ...only, session })).reused, true);
      // A resumption of TLS 1.3 is a session of its own.
      assert.equal((await call(t, first.port, { ...only, session })).reused, version === 'TLSv1.3');
    });
  }

  test('a client of TLS 1.3 with tickets asks nobody', async (t) => {
    const zones = new SessionZones();
    const asked: string[] = [];
    connected(zones, { put: () => {}, find: (zone, _id, done) => done(void asked.push(zone)), remove: () => {} });
    const server = await serveTls(t, buildTls({ sessionCache: SHARED }, zones));
    const { session } = await call(t, server.port);
    assert.ok(session !== undefined);
    assert.equal((await call(t, server.port, { session })).reused, true);
    assert.deepEqual(asked, []);
  });
});

describe('where clients are verified', () => {
  const verify = { verifyClient: 'optional', clientCertificate: 'ca.pem', sessionCache: SHARED } as const;

  /** Whether a client that was at one process is resumed by the other, and the verify result there. */
  async function meets(
    t: Scope,
    from: Partial<TlsSettings>,
    to: Partial<TlsSettings>,
    options: ConnectionOptions = CLIENT,
    answers = true,
  ): Promise<readonly [boolean, number]> {
    const [a, b] = twoProcesses(answers);
    const [first, second] = [await serveTls(t, buildTls(from, a)), await serveTls(t, buildTls(to, b))];
    const { session } = await call(t, first.port, options);
    assert.ok(session !== undefined);
    const { reused } = await call(t, second.port, { ...options, session });
    return [reused, (await second.secure()).verify.code];
  }

  for (const sessionTickets of [true, false]) {
    for (const version of VERSIONS) {
      const only = { minVersion: version, maxVersion: version };
      const settings = { ...verify, sessionTickets };
      const how = `${version}, ssl_session_tickets ${sessionTickets ? 'on' : 'off'}`;
      test(`a zone makes sessions good elsewhere (${how})`, async (t) => {
        assert.deepEqual(await meets(t, settings, settings, { ...CLIENT, ...only }), [true, 0]);
      });

      test(`a chain that is too deep stays too deep elsewhere (${how})`, async (t) => {
        const shallow = { ...settings, verifyDepth: 0 };
        assert.deepEqual(await meets(t, shallow, shallow, { ...DEEP, ...only }), [true, 20]);
        assert.deepEqual(await meets(t, settings, settings, { ...DEEP, ...only }), [true, 0]);
      });
    }
  }

  test('a bad certificate, and none, are what they were', async (t) => {
    const stranger = { cert: pem('client-stranger.pem'), key: pem('client-stranger.key') };
    assert.deepEqual(await meets(t, verify, verify, stranger), [true, 21]);
    assert.deepEqual(await meets(t, verify, verify, {}), [true, 0]);
  });

  test('sessions are not good where clients are verified in another way', async (t) => {
    const others: Partial<TlsSettings>[] = [
      { verifyClient: 'on' },
      { verifyDepth: 2 },
      { clientCertificate: 'other-ca.pem', trustedCertificate: 'ca.pem' },
      { crl: 'ca.crl' },
      { certificates: ['server-ec.pem'], keys: ['server-ec.key'] },
    ];
    for (const other of others) assert.deepEqual(await meets(t, verify, { ...verify, ...other }), [false, 0]);
  });

  test('a session whose chain is not known is not resumed', async (t) => {
    const [a, b] = [new SessionZones(), new SessionZones()];
    const kept: Buffer[] = [];
    const remote: RemoteSessions = {
      put: (_zone, id, session, _lifetimeS, done) => {
        if (id.length === 32) kept.push(session);
        done();
      },
      find: (_zone, id, done) => done(id.length === 32 ? kept[0] : undefined),
      remove: () => {},
    };
    const only = { ...DEEP, maxVersion: 'TLSv1.2' } as const;
    const first = await serveTls(t, buildTls(verify, connected(a, remote)));
    const second = await serveTls(t, buildTls(verify, connected(b, remote)));
    const { session } = await call(t, first.port, only);
    assert.ok(session !== undefined && kept.length === 1);
    assert.equal((await call(t, second.port, { ...only, session })).reused, false);
    assert.equal((await second.secure()).verify.code, 0);
  });
});
