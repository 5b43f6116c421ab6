// Variables of a session: what they are while it lasts and when it has ended, over both transports.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { Fault } from '../../../src/conf/directive.ts';
import type { Store } from '../../../src/conf/store.ts';
import { MAIL_VARIABLES } from '../../../src/mail/main-conf.ts';
import { mailServer } from '../../../src/mail/server.ts';
import { SessionFlow } from '../../../src/mail/session/flow.ts';
import { Session } from '../../../src/mail/session/session.ts';
import { pathIn } from '../../../src/mail/variables/session.ts';
import { IGNORE } from '../../../src/net/connection.ts';
import type { Transport } from '../../../src/net/transport.ts';
import { compileValue, type Value } from '../../../src/script/value.ts';
import { saslPlain } from '../../support/bytes.ts';
import { Cleanup } from '../../support/cleanup.ts';
import { accept, listen, refuse, startAuth } from '../../support/fake-auth.ts';
import { listenOver, TRANSPORTS } from '../../support/transports.ts';
import { connect } from '../../support/wire.ts';
import { bytes, lent, Recording, serverStores, stage } from './doubles.ts';

const HOST = '127.0.0.1';
const AFTER = '$status $bytes_received $bytes_sent|$upstream_addr $upstream_bytes_sent $upstream_bytes_received';

function valueIn(store: Store, text: string): Value<Session> {
  const variables = store.get(MAIL_VARIABLES);
  const value = compileValue(text, variables);
  assert.ok(!(value instanceof Fault));
  assert.equal(variables.unknown(), undefined);
  return value;
}

/** Runs the sessions of a POP3 server. @returns its port, and what the values are when a session has ended */
function sessions(transport: Transport, scope: Cleanup, auth: string): { port: number; ended: Promise<Session> } {
  const [store] = serverStores(`auth_http ${auth}; server { listen ${HOST}:110; }`);
  assert.ok(store !== undefined);
  const { session: like, recording } = stage({ store });
  let tell: (session: Session) => void = () => {};
  const ended = new Promise<Session>((resolve) => {
    tell = resolve;
  });
  const port = listenOver(transport, scope, ({ connection }) => {
    const { listenText, resolverTimeoutMs, connections } = like;
    const session = new Session({
      ...{ connection: 1, conn: connection, transport, store, log: recording.log, protocol: 'pop3' },
      ...{ serverName: 'mx', starttls: 'off', listenText, resolver: undefined, resolverTimeoutMs, connections },
      ...{ client: undefined, local: undefined, isRecorded: true, measuresUpstreams: true },
    });
    const options = { ssl: false, proxyProtocol: false, websocket: false };
    const flow = new SessionFlow(session, mailServer(store, lent(recording.log)), options, () => tell(session));
    flow.start();
  });
  return { port, ended };
}

for (const transport of TRANSPORTS) {
  test(`${transport.name}: a session that was relayed`, async () => {
    const scope = new Cleanup();
    const backend = createServer((socket) => {
      socket.write('+OK\r\n');
      socket.on('error', () => {});
      socket.on('data', () => socket.write('+OK\r\n'));
    });
    const port = await listen(backend, HOST, 0);
    scope.after(() => {
      backend.close();
    });
    const auth = await startAuth(scope, () => accept({ host: HOST, port }));
    const run = sessions(transport, scope, auth.url);
    const wire = await connect({ host: HOST, port: run.port });
    await wire.send(`AUTH PLAIN ${saslPlain('anna', 'x')}\r\n`);
    await wire.expectBytes('+OK POP3 ready\r\n+OK\r\n');
    await wire.send('STAT\r\n');
    await wire.expectBytes('+OK\r\n');
    wire.end();
    await wire.closed();
    const session = await run.ended;
    const login = `AUTH PLAIN ${saslPlain('anna', 'x')}\r\n`.length + 'STAT\r\n'.length;
    const toBackend = 'USER anna\r\nPASS x\r\nSTAT\r\n'.length;
    assert.equal(
      valueIn(session.store, AFTER).of(session),
      `200 ${login} ${'+OK POP3 ready\r\n+OK\r\n+OK\r\n'.length}|${HOST}:${port} ${toBackend} ${'+OK\r\n'.length * 4}`,
    );
    const times = valueIn(session.store, '$session_time $upstream_connect_time $upstream_first_byte_time').of(session);
    assert.match(times, /^\d+\.\d{3} \d+\.\d{3} \d+\.\d{3}$/);
    assert.match(valueIn(session.store, '$upstream_session_time').of(session), /^\d+\.\d{3}$/);
    await scope.run();
  });

  test(`${transport.name}: how sessions end that never were`, async () => {
    const scope = new Cleanup();
    const closed = createServer();
    const port = await listen(closed, HOST, 0);
    closed.close();
    const answers: Readonly<Record<string, () => string>> = {
      '403': () => refuse('no'),
      '500': () => 'nonsense\x01',
      '502': () => accept({ host: HOST, port }),
    };
    for (const [status, answer] of Object.entries(answers)) {
      const auth = await startAuth(scope, answer);
      const run = sessions(transport, scope, auth.url);
      const wire = await connect({ host: HOST, port: run.port });
      await wire.send(`AUTH PLAIN ${saslPlain('anna', 'x')}\r\n`);
      await wire.closed();
      const session = await run.ended;
      assert.equal(valueIn(session.store, '$status').of(session), status);
    }
    for (const [said, status] of [
      ['QUIT\r\n', '200'],
      ['a\r\n'.repeat(5), '400'],
    ] as const) {
      const run = sessions(transport, scope, `http://${HOST}:9`);
      const wire = await connect({ host: HOST, port: run.port });
      await wire.send(said);
      await wire.closed();
      const session = await run.ended;
      assert.equal(valueIn(session.store, '$status').of(session), status);
    }
    await scope.run();
  });
}

test('backends that were tried one after the other', () => {
  const [store] = serverStores(`auth_http ${HOST}:9; server { listen ${HOST}:110; }`);
  assert.ok(store !== undefined);
  const { session, conn } = stage({ store, isRecorded: true, measuresUpstreams: true });
  const { record } = session;
  const value = valueIn(store, '$upstream_addr|$upstream_bytes_sent|$upstream_first_byte_time');
  record?.dials(conn, '10.0.0.1:110');
  assert.equal(value.of(session), '10.0.0.1:110|0|');
  record?.upstream?.finish();
  record?.dials(conn, '10.0.0.2:110');
  record?.upstream?.answered();
  assert.match(value.of(session), /^10\.0\.0\.1:110, 10\.0\.0\.2:110\|0, 0\|-, \d\.\d{3}$/);
  record?.begins();
  assert.equal(value.of(session), '||');
});

test('times and bytes of backends are measured where variables are about them', () => {
  const measures = (...names: readonly string[]): boolean => {
    const lines = names.map((name) => `auth_http_header X-${name} "$${name}";`).join(' ');
    const [store] = serverStores(`auth_http ${HOST}:9; ${lines} server { listen ${HOST}:110; }`);
    assert.ok(store !== undefined);
    return mailServer(store, lent(new Recording().log)).measuresUpstreams;
  };
  assert.deepEqual([measures(), measures('upstream_addr'), measures('mail_user')], [false, false, false]);
  for (const name of ['connect_time', 'first_byte_time', 'session_time', 'bytes_sent', 'bytes_received']) {
    assert.equal(measures('mail_user', `upstream_${name}`), true, name);
  }
});

test('a session without variables keeps nothing for them', () => {
  const [store] = serverStores(`auth_http ${HOST}:9; auth_http_header X "$nope"; server { listen ${HOST}:110; }`);
  assert.ok(store !== undefined);
  const server = mailServer(store, lent(new Recording().log));
  assert.deepEqual([server.isRecorded, server.authHeaders], [false, undefined]);
  const { session } = stage({ store, isRecorded: server.isRecorded });
  session.use('plain', bytes('u'), bytes('p'));
  session.note('ok');
  assert.equal(session.record, undefined);
});

test('values outside of a session that has them are empty', () => {
  const [store] = serverStores(`auth_http ${HOST}:9; server { listen ${HOST}:110; }`);
  assert.ok(store !== undefined);
  const { session } = stage({ store, isRecorded: true, protocol: 'pop3' });
  const text = '$mail_user$mail_auth_user$mail_auth_method$mail_auth_status$mail_helo$mail_client_id$auth_http_x';
  assert.equal(valueIn(store, `${text}$upstream_addr$ssl_protocol$proxy_protocol_addr`).of(session), '');
  assert.equal(valueIn(store, '$protocol $mail_protocol $status').of(session), 'TCP pop3 000');
  assert.equal(valueIn(store, '$mail_session_id').of(session), valueIn(store, '$mail_session_id').of(session));
  session.conn.handler = IGNORE;
});

test('a regular expression of a map finds its captures with the session', () => {
  const [store] = serverStores(
    `auth_http ${HOST}:9; map $mail_user $part { volatile; "~^(.+)@(?<domain>.+)$" "$1 at $domain"; } ` +
      `server { listen ${HOST}:110; }`,
  );
  assert.ok(store !== undefined);
  const { session } = stage({ store });
  const value = valueIn(store, '$part/$domain');
  session.login = bytes('anna@example.com');
  assert.equal(value.of(session), 'anna at example.com/example.com');
  session.login = bytes('root');
  session.record?.renew();
  assert.equal(value.of(session), '/');
});

for (const [typed, path] of [
  ['MAIL FROM:<a@b> SIZE=1', 'a@b'],
  ['mail from: <a b@c>', 'a b@c'],
  ['MAIL FROM:a@b SIZE=1', 'a@b'],
  ['MAIL FROM:<>', ''],
  ['MAIL FROM:<a@b', 'a@b'],
  ['MAIL FROM', undefined],
  ['RCPT TO:', ''],
] as const) {
  test(`what ${typed} names`, () => assert.equal(pathIn(bytes(typed)), path));
}
