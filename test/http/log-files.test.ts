// Where the lines of access logs go: files that are rotated, buffers, packed files, syslog.
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, renameSync, rmdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Scope } from '../support/cleanup.ts';
import { inTime } from '../support/in-time.ts';
import { LogFile } from '../support/log-file.ts';
import { CommandFolder } from '../support/mail-spec/command.ts';
import { ownAddress } from '../support/ports.ts';
import { type MailServer, startServer } from '../support/server.ts';

const start = (scope: Scope, server: string, http = ''): Promise<MailServer> =>
  startServer(scope, {
    config: `http {
      log_format short '$uri';
      ${http}
      server { listen @web@; ${server} location / { return 204; } }
    }`,
  });

const logOf = (server: MailServer, name = 'access.log'): LogFile => new LogFile(join(server.dir, name));

async function get(server: MailServer, uri: string): Promise<void> {
  const wire = await server.connect('web');
  await wire.send(`GET ${uri} HTTP/1.0\r\n\r\n`);
  await wire.rest();
  wire.destroy();
}

test('USR1 opens the file anew after a rotation', async (t) => {
  const server = await start(t, 'access_log @DIR@/access.log short;');
  await get(server, '/before');
  await logOf(server).wait(/before\n/);
  renameSync(logOf(server).path, join(server.dir, 'access.log.1'));
  await get(server, '/moved');
  await logOf(server, 'access.log.1').wait(/moved\n/);
  server.signal('SIGUSR1');
  await server.waitLog(/reopening logs/);
  await get(server, '/after');
  await logOf(server).wait(/after\n/);
  assert.equal(logOf(server).text(), '/after\n');
  assert.equal(logOf(server, 'access.log.1').text(), '/before\n/moved\n');
});

test('a buffer is written when the next line does not fit', async (t) => {
  const server = await start(t, 'access_log @DIR@/access.log short buffer=10;');
  await get(server, '/1');
  await get(server, '/2');
  await get(server, '/3');
  await get(server, '/four');
  await logOf(server).wait(/3\n/);
  assert.equal(logOf(server).text(), '/1\n/2\n/3\n');
  await get(server, '/longer-than-the-buffer');
  await logOf(server).wait(/longer/);
  assert.equal(logOf(server).text(), '/1\n/2\n/3\n/four\n/longer-than-the-buffer\n');
});

test('a buffer is written after its time, before a rotation, and at the end', async (t) => {
  const server = await start(
    t,
    `access_log @DIR@/access.log short buffer=4k flush=20ms; access_log @DIR@/slow.log short buffer=4k;
     location /both { access_log @DIR@/slow.log short; return 204; }`,
  );
  await get(server, '/1');
  await logOf(server).wait(/1\n/);
  assert.equal(logOf(server, 'slow.log').text(), '');
  renameSync(logOf(server, 'slow.log').path, join(server.dir, 'slow.log.1'));
  server.signal('SIGUSR1');
  await logOf(server, 'slow.log.1').wait(/1\n/);
  // Who names the file without a buffer uses that of the others.
  await get(server, '/both');
  await get(server, '/2');
  await logOf(server).wait(/2\n/);
  assert.equal(logOf(server, 'slow.log').text(), '');
  await server.stop();
  assert.equal(logOf(server, 'slow.log').text(), '/both\n/2\n');
});

test('a packed log is read by gunzip', async (t) => {
  const server = await start(t, 'access_log @DIR@/access.gz short gzip=9 buffer=10;');
  for (const uri of ['/1', '/2', '/3', '/4', '/5']) await get(server, uri);
  await server.stop();
  const packed = readFileSync(join(server.dir, 'access.gz'));
  assert.equal(gunzipSync(packed).toString(), '/1\n/2\n/3\n/4\n/5\n');
});

test('an answer that breaks off while the server shuts down has its line', async (t) => {
  const server = await start(t, 'access_log @DIR@/access.log short; location /large { root @DIR@; }');
  writeFileSync(join(server.dir, 'large'), '');
  truncateSync(join(server.dir, 'large'), 200_000_000);
  const wire = await server.connect('web', { record: false });
  wire.onChunk(() => wire.socket.pause());
  await wire.send('GET /large HTTP/1.0\r\n\r\n');
  await wire.match(/\r\n\r\n/);
  server.signal('SIGQUIT');
  await server.waitLog(/gracefully shutting down/);
  wire.destroy();
  await server.exited;
  assert.equal(logOf(server).text(), '/large\n');
});

/** Datagrams, one at a time. */
async function syslogServer(scope: Scope): Promise<{ readonly port: number; next(): Promise<string> }> {
  const socket: Socket = createSocket('udp4');
  scope.after(() => void socket.close());
  socket.bind(0, ownAddress());
  await once(socket, 'listening');
  const waiting: string[] = [];
  socket.on('message', (datagram) => {
    waiting.push(datagram.toString('latin1'));
    socket.emit('kept');
  });
  const next = async (): Promise<string> => {
    if (waiting.length === 0) await inTime(once(socket, 'kept'), 'a datagram');
    return waiting.shift() ?? '';
  };
  return { port: socket.address().port, next };
}

test('syslog gets each line, with the severity of the directive', async (t) => {
  const { port, next } = await syslogServer(t);
  const target = `syslog:server=${ownAddress()}:${port},nohostname`;
  const server = await start(
    t,
    `access_log ${target} short; location /error { access_log ${target},facility=mail,severity=error,tag=web; return 204; }`,
  );
  await get(server, '/1');
  assert.match(await next(), /^<190>\w{3} [ \d]\d \d\d:\d\d:\d\d nginx: \/1$/);
  await get(server, '/error');
  assert.match(
    await next(),
    /^<19>\w{3} [ \d]\d \d\d:\d\d:\d\d web: 127\.\S+ - - \[.*\] "GET \/error HTTP\/1\.0" 204 0 "-" "-"$/,
  );
});

test('without an access_log a server writes logs/access.log, and a file that cannot be opened is an error', async (t) => {
  const folder = new CommandFolder(t);
  const tested = async (http: string, server: string): Promise<string> => {
    const text = `${http} server { listen unix:$DIR/web.sock; ${server} }`;
    folder.write('conf/nginx.conf', `pid p;\nevents {}\nerror_log stderr;\nhttp { ${text} }\n`);
    const { stderr } = await folder.run('-t', '-p', '$DIR', '-c', 'conf/nginx.conf', '-e', 'stderr');
    return stderr;
  };
  const failed = (path: string): RegExp =>
    new RegExp(`\\[emerg\\] .*open\\(\\) "\\$DIR/${path}" failed \\(2: No such file or directory\\)\\n`);
  rmdirSync(join(folder.dir, 'logs'));
  assert.match(await tested('', ''), failed('logs/access\\.log'));
  assert.match(await tested('', 'access_log no/such/file;'), failed('no/such/file'));
  assert.match(await tested('access_log no/such/file;', 'access_log off;'), failed('no/such/file'));
  assert.match(await tested('', 'access_log off;'), /test is successful/);
  assert.match(await tested('access_log access.log;', ''), /test is successful/);
});
