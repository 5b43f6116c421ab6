// Access logs that cannot be written: what the error log says, of http and mail, and that lines stay lines.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Cleanup, type Scope } from '../support/cleanup.ts';
import { ask } from '../support/http-exchange.ts';
import { ownAddress } from '../support/ports.ts';
import { missing } from '../support/programs.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/tmp.ts';

/** Requests in a row: more than there are in the second that a full disk is left alone for. */
const MANY = 100_000;

const FULL = 'write() to "/dev/full" failed (28: No space left on device)';

const start = (scope: Scope, http: string, mail = ''): Promise<MailServer> =>
  startServer(scope, {
    config: `mail { auth_http 127.0.0.1:9; server { listen @imap@; protocol imap; ${mail} } }
    http { log_format short '$arg_a'; server { listen @web@; access_log off; ${http} } }`,
    allow: /write\(\) to|\/dev\/nowhere/,
  });

const get = (server: MailServer, target: string) => ask(server, 'web', { target });

async function visit(server: MailServer): Promise<void> {
  const wire = await server.connect('imap');
  await wire.send('a LOGOUT\r\n');
  await wire.closed();
  wire.destroy();
}

/** Records of trouble with logs, without time and numbers. */
const troubles = (server: MailServer): readonly string[] =>
  [...server.log.text().matchAll(/(\[\w+\]) \d+#\d+: (?:\*\d+ )?((?:write\(\)|send\(\)|open\(\)) .*)$/gm)].map(
    ([, level, text]) => `${level} ${text}`,
  );

describe('access logs that cannot be written', { concurrency: 4 }, () => {
  test('a request or a session whose line is lost is named, once in a minute', async (t) => {
    const server = await start(t, 'location / { access_log /dev/full short; return 204; }', 'access_log /dev/full;');
    for (let i = 0; i < 3; i++) await get(server, `/?a=${i}`);
    await visit(server);
    // Both write to one file, of which nothing is said twice.
    const { host, port } = server.at('web');
    const request = `client: 127.0.0.1, server: , request: "GET /?a=0 HTTP/1.1", host: "localhost"`;
    await server.stop();
    assert.ok(host !== '' && port > 0);
    assert.deepEqual(troubles(server), [`[alert] ${FULL} while logging request, ${request}`]);
  });

  test('the same of mail', async (t) => {
    const server = await start(t, '', 'access_log /dev/full;');
    for (let i = 0; i < 3; i++) await visit(server);
    const { host, port } = server.at('imap');
    await server.stop();
    assert.deepEqual(troubles(server), [
      `[alert] ${FULL} while logging session, client: 127.0.0.1, server: ${host}:${port}`,
    ]);
  });

  test('lines that were gathered name nobody', async (t) => {
    const server = await start(
      t,
      'location / { access_log /dev/full short buffer=4k flush=10ms; return 204; }',
      'access_log /dev/full combined gzip flush=10ms;',
    );
    await get(server, '/?a=1');
    await server.waitLog(/write\(\) to/);
    await visit(server);
    await server.stop();
    assert.deepEqual(troubles(server), [`[alert] ${FULL}`]);
  });

  test('a file whose name is made for each line, and one that cannot be opened', async (t) => {
    const server = await start(
      t,
      `set $name full; root /tmp;
       location / { access_log /dev/$name short; return 204; }
       location /none { access_log /dev/nowhere/$name short; return 204; }`,
    );
    for (const target of ['/?a=1', '/?a=1', '/none']) await get(server, target);
    await server.stop();
    const told = troubles(server);
    assert.equal(told.length, 2);
    assert.ok(told[0]?.startsWith(`[alert] ${FULL} while logging request, client: `), told[0]);
    assert.ok(told[1]?.startsWith('[crit] open() "/dev/nowhere/full" failed (2: No such file or directory) while '));
  });

  test('a syslog server that is gone', async (t) => {
    const socket = createSocket('udp4');
    socket.bind(0, ownAddress());
    await once(socket, 'listening');
    const { port } = socket.address();
    socket.close();
    await once(socket, 'close');
    const syslog = `syslog:server=${ownAddress()}:${port}`;
    const server = await start(
      t,
      `location / { access_log ${syslog} short; return 204; }`,
      `access_log ${syslog.replace('server', 'tag=mail,server')};`,
    );
    const lost = 'send() to syslog failed while logging';
    // The system says that one was lost when the next one is sent.
    const isTold = (what: string): boolean => server.log.text().includes(`${lost} ${what}`);
    for (let i = 0; i < MANY && !isTold('request'); i++) await get(server, '/');
    for (let i = 0; i < MANY && !isTold('session'); i++) await visit(server);
    await server.stop();
    const told = troubles(server);
    const cause = `[error] send() failed (111: Connection refused) while logging to syslog, server: ${ownAddress()}:${port}`;
    assert.ok(told.includes(cause), told.join('\n'));
    assert.ok(told.some((text) => text.startsWith(`[warn] ${lost} session, client: 127.0.0.1, server: `)));
  });
});

const noMount = process.getuid?.() === 0 ? missing(['mount', 'umount']) : 'only root may mount';

test('a line that a full disk has cut does not run together with the next one', { skip: noMount }, async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const disk = join(temporaryFolder(scope, 'disk'), 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    t.skip('this system lets nobody mount');
    return;
  }
  scope.after(() => void execFileSync('umount', ['-l', disk]));
  const ballast = join(disk, 'ballast');
  writeFileSync(ballast, Buffer.alloc(8192));
  const server = await start(scope, `location / { access_log ${disk}/plain short; return 204; }`);
  const long = 'x'.repeat(1500);
  for (let i = 0; i < 6; i++) await get(server, `/?a=${i}${long}`);
  const cut = readFileSync(`${disk}/plain`, 'latin1');
  assert.equal(cut.length, 8192);
  await server.waitLog(
    /\[alert\] \d+#0: \*\d+ write\(\) to "[^"]+\/plain" was incomplete: \d+ of 1502 while logging request/,
  );
  unlinkSync(ballast);
  // Nothing is tried in the second in which the disk was full.
  const next = (): string => readFileSync(`${disk}/plain`, 'latin1').slice(cut.length);
  for (let i = 0; i < MANY && next() === ''; i++) await get(server, '/?a=next');
  assert.equal(next(), '\nnext\n');
});
