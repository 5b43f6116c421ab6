// TLS sessions of http servers are resumed whatever worker the client meets, across reloads, and by the right server.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type ConnectionOptions, connect } from 'node:tls';
import { closed } from '../support/in-time.ts';
import { masterTarget, workersIn } from '../support/master.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { CERTS, pem } from '../support/tls.ts';

const WORKERS = 2;
/** So many at the same time, so that both workers take part. */
const AT_ONCE = 8;
const ROUNDS = 5;

const VERIFY = `ssl_verify_client on; ssl_client_certificate ${CERTS}/ca.pem;`;
const OTHER = `ssl_verify_client on; ssl_client_certificate ${CERTS}/other-ca.pem;`;
const IDS = 'ssl_session_cache shared:HTTP:1m; ssl_session_tickets off;';

const server = (name: string, directives = ''): string =>
  `server { listen @web@ ssl; server_name ${name}; ${directives} location / { return 200 "$pid $ssl_session_reused $ssl_session_id"; } }\n`;

const BLOCKS = [
  server('tickets'),
  server('ids', IDS),
  server('builtin', 'ssl_session_cache builtin:100; ssl_session_tickets off;'),
  server('verified', `${VERIFY} ssl_session_cache shared:HTTP:1m;`),
  server('strict', `${OTHER} ssl_session_cache shared:HTTP:1m;`),
].join('');

function start(t: TestContext): Promise<MailServer> {
  const target = masterTarget();
  return startServer(t, {
    config: `http { access_log off; ssl_certificate server.pem; ssl_certificate_key server.key;\n${BLOCKS}}
      mail { auth_http @HOST@:9; ssl_session_cache shared:MAIL:1m;
        server { listen @imap@ ssl; protocol imap; ssl_certificate server.pem; ssl_certificate_key server.key; } }`,
    files: { 'server.pem': pem('server-ec.pem'), 'server.key': pem('server-ec.key') },
    target: { ...target, globals: `${target.globals} worker_processes ${WORKERS};` },
  });
}

interface Visit {
  readonly reused: boolean;
  readonly session: Buffer;
  readonly status: number;
  /** Of the worker. */
  readonly pid: number;
  readonly id: string;
}

async function meet(t: TestContext, server: MailServer, options: ConnectionOptions): Promise<Visit> {
  const socket = connect({ ...server.at('web'), rejectUnauthorized: false, ...options });
  t.after(() => {
    socket.destroy();
  });
  let session = options.session ?? Buffer.alloc(0);
  let text = '';
  socket.on('session', (offered) => {
    session = offered;
  });
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  let isResumed = false;
  socket.once('secureConnect', () => {
    isResumed = socket.isSessionReused();
  });
  socket.on('error', () => {});
  socket.write(`GET / HTTP/1.1\r\nHost: ${options.servername}\r\nConnection: close\r\n\r\n`);
  await closed(socket);
  const [, status, pid, reused, id = ''] = /^HTTP\/1\.1 (\d+).*?\r\n\r\n(?:(\d+) (\S) (\w*))?/s.exec(text) ?? [];
  assert.ok(status !== undefined, `no answer: ${text}`);
  if (reused !== undefined) assert.equal(reused === 'r', isResumed);
  return { reused: isResumed, session, status: Number(status), pid: Number(pid), id };
}

/** Comes back with a session, several times at once. */
async function meetAgain(t: TestContext, server: MailServer, options: ConnectionOptions): Promise<readonly Visit[]> {
  const visits: Visit[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const some = Array.from({ length: AT_ONCE }, () => meet(t, server, options));
    visits.push(...(await Promise.all(some)));
  }
  return visits;
}

const CLIENT = { cert: pem('client-deep1.pem'), key: pem('client-deep1.key') };
const KINDS = ['tickets', 'ids', 'builtin', 'verified'].flatMap((servername) =>
  (['TLSv1.2', 'TLSv1.3'] as const).map((version) => ({
    name: `${servername}, ${version}`,
    options: {
      ...(servername === 'verified' ? CLIENT : {}),
      servername,
      minVersion: version,
      maxVersion: version,
    },
  })),
);

test('a session is good at every worker, and across a reload', async (t) => {
  const server = await start(t);
  const sessions = new Map<string, ConnectionOptions>();
  const pids = new Set<number>();
  for (const { name, options } of KINDS) {
    const first = await meet(t, server, options);
    assert.equal(first.reused, false);
    assert.equal(first.status, 200, name);
    const again = { ...options, session: first.session };
    sessions.set(name, again);
    const visits = await meetAgain(t, server, again);
    assert.ok(
      visits.every(({ reused, status }) => reused && status === 200),
      name,
    );
    for (const { pid } of visits) pids.add(pid);
    if (name.startsWith('ids')) assert.match(first.id, /^[0-9a-f]{64}$/);
  }
  assert.equal(pids.size, WORKERS);

  const old = workersIn(server.log.text());
  server.signal('SIGHUP');
  for (const pid of old) await server.waitLog(new RegExp(` ${pid}#\\d+: gracefully shutting down`));
  for (const { name } of KINDS) {
    const visits = await meetAgain(t, server, sessions.get(name) ?? {});
    assert.ok(
      visits.every(({ reused, pid }) => reused && !pids.has(pid)),
      `${name}, after a reload`,
    );
  }
});

test('a session is not resumed by a server that would not have let the client in', async (t) => {
  const server = await start(t);
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const only = { minVersion: version, maxVersion: version };
    const { session } = await meet(t, server, { ...only, ...CLIENT, servername: 'verified' });
    const strict = await meetAgain(t, server, { ...only, session, servername: 'strict' });
    assert.ok(strict.every(({ status }) => status === 400));
    const plain = await meet(t, server, { ...only, servername: 'tickets' });
    const verified = await meetAgain(t, server, { ...only, session: plain.session, servername: 'verified' });
    assert.ok(verified.every(({ status }) => status === 400));
  }
});
