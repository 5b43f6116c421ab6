// TLS sessions are resumed whatever worker the client meets, and across reloads; never where they should not be.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ConnectionOptions } from 'node:tls';
import { masterTarget, workersIn } from '../support/master.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { CERTS, pem, visit } from '../support/tls.ts';

const WORKERS = 4;
const RECONNECTS = 50;
/** So many at the same time, so that several workers take part. */
const AT_ONCE = 5;

const IDS = 'ssl_session_cache shared:ONE:1m; ssl_session_tickets off;';
const VERIFY = `ssl_verify_client on; ssl_client_certificate ${CERTS}/ca.pem;`;

const block = (name: string, directives = ''): string =>
  `server { listen @${name}@ ssl; protocol imap; ${directives} }\n`;

async function start(t: TestContext, blocks: string, files: Record<string, Buffer> = {}): Promise<MailServer> {
  const target = masterTarget();
  return await startServer(t, {
    config: `mail { auth_http @HOST@:9; ssl_certificate server.pem; ssl_certificate_key server.key;\n${blocks}}`,
    files: { 'server.pem': pem('server-ec.pem'), 'server.key': pem('server-ec.key'), ...files },
    target: { ...target, globals: `${target.globals} worker_processes ${WORKERS};` },
  });
}

interface Visit {
  readonly reused: boolean;
  readonly session: Buffer;
  readonly line: string;
  /** Of the worker. */
  readonly pid: number;
}

async function meet(t: TestContext, server: MailServer, name: string, options: ConnectionOptions): Promise<Visit> {
  const { host, port } = server.at(name);
  const since = server.log.text().length; // ports are used again
  const { socket, line, reused, session } = await visit(t, port, { host, ...options });
  const own = socket.localPort;
  socket.end();
  const record = new RegExp(` (\\d+)#\\d+: \\*\\d+ client \\S+:${own} connected to \\S+:${port}\n`);
  const found = await server.log.waitUntil((text) => record.exec(text.slice(since)) ?? undefined, 10_000);
  const pid = found?.[1];
  if (!socket.closed) await once(socket, 'close');
  // Not every resumption of TLS 1.2 brings a new session.
  return { line, reused, session: session ?? options.session ?? Buffer.alloc(0), pid: Number(pid) };
}

/** Comes back with a session, several times at once. */
async function meetAgain(
  t: TestContext,
  server: MailServer,
  name: string,
  options: ConnectionOptions,
  times = RECONNECTS,
): Promise<readonly Visit[]> {
  const visits: Visit[] = [];
  while (visits.length < times) {
    const some = Array.from({ length: AT_ONCE }, () => meet(t, server, name, options));
    visits.push(...(await Promise.all(some)));
  }
  return visits;
}

const resumed = (visits: readonly Visit[]): number => visits.filter(({ reused }) => reused).length;

/** Changes the configuration on disk. */
function edit(server: MailServer, from: string, to: string): void {
  const path = join(server.dir, 'nginx.conf');
  const text = readFileSync(path, 'latin1');
  assert.ok(text.includes(from));
  writeFileSync(path, text.replaceAll(from, to), 'latin1');
}

/** HUP; resolves when the workers before it accept nothing more. */
async function reload(server: MailServer): Promise<ReadonlySet<number>> {
  const old = workersIn(server.log.text());
  server.signal('SIGHUP');
  for (const pid of old) await server.waitLog(new RegExp(` ${pid}#\\d+: gracefully shutting down`), 10_000);
  return new Set(old);
}

const KINDS = [
  { name: 'TLS 1.2 by id', port: 'ids', version: 'TLSv1.2' },
  { name: 'TLS 1.2 with tickets, without a cache', port: 'tickets', version: 'TLSv1.2' },
  { name: 'TLS 1.2 with tickets and a zone', port: 'both', version: 'TLSv1.2' },
  { name: 'TLS 1.2 by id, builtin', port: 'builtin', version: 'TLSv1.2' },
  { name: 'TLS 1.3 without tickets', port: 'ids', version: 'TLSv1.3' },
  { name: 'TLS 1.3 with tickets, without a cache', port: 'tickets', version: 'TLSv1.3' },
  { name: 'TLS 1.3 with tickets and a zone', port: 'both', version: 'TLSv1.3' },
  { name: 'TLS 1.2 with a client certificate', port: 'verified', version: 'TLSv1.2' },
  { name: 'TLS 1.3 with a client certificate', port: 'verified', version: 'TLSv1.3' },
] as const;
const ALL =
  block('ids', IDS) +
  block('builtin', 'ssl_session_cache builtin:100; ssl_session_tickets off;') +
  block('tickets') +
  block('both', 'ssl_session_cache shared:TWO:1m;') +
  block('verified', `${VERIFY} ssl_session_cache shared:ONE:1m;`);
/** With an intermediate CA that only a full handshake shows. */
const CLIENT = { cert: pem('client-deep1.pem'), key: pem('client-deep1.key') };

test('a session is good at every worker, and across a reload', async (t) => {
  const server = await start(t, ALL);
  const first = new Map<string, ConnectionOptions>();
  for (const { name, port, version } of KINDS) {
    const only = { ...(port === 'verified' && CLIENT), minVersion: version, maxVersion: version };
    const { reused, session, line, pid: maker } = await meet(t, server, port, only);
    assert.equal(reused, false);
    assert.equal(line, '* OK IMAP4 ready\r\n', name);
    first.set(name, { ...only, session });
    const visits = await meetAgain(t, server, port, { ...only, session });
    assert.equal(resumed(visits), visits.length, name);
    assert.ok(
      visits.some(({ pid }) => pid !== maker),
      `${name}: only one worker has answered`,
    );
  }

  const old = await reload(server);
  for (const { name, port } of KINDS) {
    const visits = await meetAgain(t, server, port, first.get(name) ?? {}, 2 * AT_ONCE);
    assert.equal(resumed(visits), visits.length, `${name}, after a reload`);
    assert.ok(visits.every(({ pid }) => !old.has(pid)));
    assert.ok(visits.every(({ line }) => line === '* OK IMAP4 ready\r\n'));
  }
});

test('no session is resumed under another certificate', async (t) => {
  const server = await start(t, ALL);
  const sessions = new Map<string, ConnectionOptions>();
  for (const { name, port, version } of KINDS) {
    const only = { ...(port === 'verified' && CLIENT), minVersion: version, maxVersion: version };
    sessions.set(name, { ...only, session: (await meet(t, server, port, only)).session });
  }
  for (const kind of ['pem', 'key']) writeFileSync(join(server.dir, `server.${kind}`), pem(`server-rsa.${kind}`));
  await reload(server);
  for (const { name, port } of KINDS) {
    assert.equal(resumed(await meetAgain(t, server, port, sessions.get(name) ?? {}, AT_ONCE)), 0, name);
  }
});

test('another zone is another zone, and so is one of another size', async (t) => {
  const zones = ['ssl_session_tickets off;', ''].flatMap((tickets, i) => [
    block(`one${i}`, `ssl_session_cache shared:ONE:1m; ${tickets}`),
    block(`same${i}`, `ssl_session_cache shared:ONE:1m; ${tickets}`),
    block(`other${i}`, `ssl_session_cache shared:OTHER:1m; ${tickets}`),
  ]);
  const server = await start(t, zones.join(''));
  const sessions: [string, ConnectionOptions][] = [];
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const i of [0, 1]) {
      const only = { minVersion: version, maxVersion: version };
      const { session } = await meet(t, server, `one${i}`, only);
      const options = { ...only, session };
      sessions.push([`one${i}`, options]);
      assert.equal(resumed(await meetAgain(t, server, `same${i}`, options, AT_ONCE)), AT_ONCE);
      assert.equal(resumed(await meetAgain(t, server, `other${i}`, options, AT_ONCE)), 0);
    }
  }
  edit(server, 'shared:ONE:1m', 'shared:ONE:2m');
  await reload(server);
  for (const [name, options] of sessions) {
    assert.equal(resumed(await meetAgain(t, server, name, options, AT_ONCE)), 0, name);
  }
});

test('ticket keys in files: the first encrypts, all decrypt', async (t) => {
  const files = { a: Buffer.alloc(48, 'a'), b: Buffer.alloc(80, 'b') };
  const server = await start(t, block('imap', 'ssl_session_ticket_key a;'), files);
  const sessions: ConnectionOptions[] = [];
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const only = { minVersion: version, maxVersion: version };
    sessions.push({ ...only, session: (await meet(t, server, 'imap', only)).session });
  }
  edit(server, 'ssl_session_ticket_key a;', 'ssl_session_ticket_key b; ssl_session_ticket_key a;');
  await reload(server);
  for (const options of sessions) {
    const visits = await meetAgain(t, server, 'imap', options, 2 * AT_ONCE);
    assert.equal(resumed(visits), visits.length);
  }
  edit(server, 'ssl_session_ticket_key a;', '');
  await reload(server);
  for (const options of sessions) assert.equal(resumed(await meetAgain(t, server, 'imap', options, AT_ONCE)), 0);
});

test('a session that began with a refusal is resumed nowhere', async (t) => {
  const server = await start(t, block('imap', `${VERIFY} ${IDS}`));
  const only = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
  const { session, line } = await meet(t, server, 'imap', only);
  assert.match(line, /^\* BYE No required SSL certificate/);
  const visits = await meetAgain(t, server, 'imap', { ...only, ...CLIENT, session }, 2 * AT_ONCE);
  assert.equal(resumed(visits), 0);
  assert.ok(visits.every(({ line }) => line === '* OK IMAP4 ready\r\n'));
});
