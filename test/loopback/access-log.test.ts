// The access log of mail: its formats, where lines go, which sessions have one, and what hostile clients leave there.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { latin1, saslPlain } from '../support/bytes.ts';
import type { Scope } from '../support/cleanup.ts';
import { accept, refuse, startAuth } from '../support/fake-auth.ts';
import { imapBackend, startBackend } from '../support/fake-backend.ts';
import { LogFile } from '../support/log-file.ts';
import { ownAddress } from '../support/ports.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { postern } from '../support/target.ts';

const TRANSPORTS = ['handle', 'net'] as const;

const start = async (
  scope: Scope,
  transport: string,
  mail: string,
  server = '',
  answer: (user: string) => string = () => refuse('no'),
): Promise<MailServer> => {
  const auth = await startAuth(scope, (request) => answer(request.header('Auth-User') ?? ''));
  return startServer(scope, {
    target: { ...postern, globals: `daemon off; master_process off; transport ${transport};` },
    config: `mail { auth_http ${auth.url}; imap_auth plain login; ${mail} server { listen @imap@; protocol imap; ${server} } }`,
  });
};

const logOf = (server: MailServer, name = 'access.log'): LogFile => new LogFile(join(server.dir, name));

/** Says something without a greeting, and waits for the end. */
async function say(server: MailServer, text: string | Buffer): Promise<void> {
  const wire = await server.connect('imap');
  await wire.send(text);
  await wire.closed();
  wire.destroy();
}

const login = (server: MailServer, user: string): Promise<void> => say(server, `a LOGIN ${user} secret\r\n`);
const quit = (server: MailServer): Promise<void> => say(server, 'a LOGOUT\r\n');

for (const transport of TRANSPORTS) {
  describe(`${transport}: the access log`, { concurrency: 4 }, () => {
    test('without a format a line says who, what came of it, where to, how much and how long', async (t) => {
      const backend = await startBackend(t, imapBackend);
      const to = `${backend.host}:${backend.port}`;
      const log = 'access_log @DIR@/access.log;';
      const server = await start(t, transport, log, 'access_log_event auth;', () => accept(backend));
      await say(server, 'a LOGIN "an na" secret\r\nb LOGOUT\r\n');
      await quit(server);
      await logOf(server).wait(/quit.*\n/);
      const lines = logOf(server).text();
      const date = '\\[\\d\\d/\\w{3}/\\d{4}:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}\\]';
      const of = (rest: string): string => `^127[\\d.]+ ${date} imap ${rest}$`;
      assert.match(lines, new RegExp(of(`auth "an na" 200 ok plain "${to}" \\d+ \\d+ \\d\\.\\d{3} \\d+`), 'm'));
      assert.match(lines, new RegExp(of(`session "an na" 200 ok plain "${to}" 34 \\d+ \\d\\.\\d{3} \\d+`), 'm'));
      assert.match(lines, new RegExp(of('session "-" 200 quit - "-" 10 41 \\d\\.\\d{3} \\d+'), 'm'));
      assert.equal(lines.split('\n').length, 4);
    });

    test('several logs on one level; a server with its own has none of those of mail', async (t) => {
      const mail = `log_format x '$mail_end'; access_log @DIR@/mail.log x;`;
      const own = 'access_log @DIR@/one.log x; access_log @DIR@/two.log x;';
      const server = await start(
        t,
        transport,
        `${mail} server { listen @off@; protocol imap; access_log off; } server { listen @mail@; protocol imap; }`,
        own,
      );
      await quit(server);
      for (const name of ['off', 'mail']) {
        const wire = await server.connect(name);
        await wire.send('a LOGOUT\r\n');
        await wire.closed();
      }
      for (const name of ['one.log', 'two.log', 'mail.log']) await logOf(server, name).wait(/quit\n/);
      await server.stop();
      for (const name of ['one.log', 'two.log', 'mail.log']) assert.equal(logOf(server, name).text(), 'quit\n', name);
    });

    test('if= leaves out what is empty or 0', async (t) => {
      const map = "map $mail_end $wanted { quit ''; default $status; } log_format x '$mail_end';";
      const server = await start(t, transport, `${map} access_log @DIR@/access.log x if=$wanted;`);
      await quit(server);
      await login(server, 'u');
      await logOf(server).wait(/refused\n/);
      assert.equal(logOf(server).text(), 'refused\n');
    });

    test('a buffer is written at USR1 and at the end; a packed file can be unpacked at any time', async (t) => {
      const mail = `log_format x '$mail_end'; access_log @DIR@/access.log x buffer=4k;
        access_log @DIR@/flushed.log x buffer=4k flush=20ms; access_log @DIR@/packed.gz x gzip=9;`;
      const server = await start(t, transport, mail);
      await quit(server);
      await logOf(server, 'flushed.log').wait(/quit\n/);
      assert.equal(logOf(server).text(), '');
      renameSync(logOf(server).path, join(server.dir, 'access.log.1'));
      server.signal('SIGUSR1');
      await logOf(server, 'access.log.1').wait(/^quit\n$/);
      await login(server, 'u');
      await logOf(server, 'flushed.log').wait(/refused\n/);
      await server.stop();
      assert.equal(logOf(server).text(), 'refused\n');
      const packed = gunzipSync(readFileSync(join(server.dir, 'packed.gz'))).toString();
      assert.equal(packed, 'quit\nrefused\n');
    });

    test('a name with variables stays below the folder that is written, whatever a client says', async (t) => {
      const server = await start(
        t,
        transport,
        `log_format x '$mail_user';`,
        'access_log @DIR@/users/$mail_user.log x;',
      );
      mkdirSync(join(server.dir, 'users'));
      await login(server, 'anna');
      await logOf(server, 'users/anna.log').wait(/^anna\n$/);
      await login(server, '../../evil');
      await login(server, 'no/such/folder');
      const { dir } = server;
      const by = 'while logging session, client: 127';
      await server.waitLog(new RegExp(`\\[error\\] .*access_log "${dir}/users/../../evil.log" is outside of .* ${by}`));
      await server.waitLog(
        new RegExp(`"${dir}/users/no/such/folder.log" failed \\(2: No such file or directory\\) ${by}`),
      );
      assert.ok(!existsSync(join(dir, 'evil.log')));
    });

    test('syslog gets a datagram for each line', async (t) => {
      const socket = createSocket('udp4');
      t.after(() => socket.close());
      socket.bind(0, ownAddress());
      await once(socket, 'listening');
      const message = once(socket, 'message');
      const target = `syslog:server=${ownAddress()}:${socket.address().port},facility=mail,tag=mx,nohostname`;
      const server = await start(t, transport, `log_format x '$mail_end'; access_log ${target} x;`);
      await quit(server);
      const [datagram] = await message;
      assert.match(String(datagram), /^<22>\w{3} [ \d]\d \d\d:\d\d:\d\d mx: quit$/);
    });

    test('what a client says neither breaks a line nor its JSON, and no password is in it', async (t) => {
      const formats = ['default', 'json', 'none'].map(
        (name) => `log_format ${name} escape=${name} '{"user":"$mail_user","status":"$auth_http_note"}';`,
      );
      const logs = ['default', 'json', 'none'].map((name) => `access_log @DIR@/${name}.log ${name};`);
      const server = await start(t, transport, [...formats, ...logs].join(' '), '', () =>
        refuse('n', 'Note: a"b\t\xff'),
      );
      const user = 'x\r\n"\\\xe9\x01\x7f\xc3\xa9';
      await say(server, latin1(`a AUTHENTICATE PLAIN\r\n${saslPlain(user, 'secretsecret')}\r\n`));
      for (const name of ['default', 'json', 'none']) await logOf(server, `${name}.log`).wait(/\n/);
      const text = (name: string): string => readFileSync(join(server.dir, `${name}.log`), 'latin1');
      assert.equal(
        text('default'),
        '{"user":"x\\x0D\\x0A\\x22\\x5C\\xE9\\x01\\x7F\\xC3\\xA9","status":"a\\x22b\\x09\\xFF"}\n',
      );
      assert.deepEqual(JSON.parse(text('json')), { user, status: 'a"b\t\xff' });
      assert.equal(text('none'), '{"user":"x\\x0D\\x0A"\\\xe9\\x01\\x7F\xc3\xa9","status":"a"b\\x09\xff"}\n');
      for (const name of ['default', 'json', 'none']) assert.ok(!text(name).includes('secretsecret'));
    });

    test('UTF-8 in JSON stays what it is', async (t) => {
      const log = `log_format j escape=json '{"user":"$mail_user"}'; access_log @DIR@/access.log j;`;
      const server = await start(t, transport, log);
      await say(server, Buffer.from('a LOGIN "zo\u00eb" x\r\n'));
      await logOf(server).wait(/\n/);
      assert.deepEqual(JSON.parse(readFileSync(logOf(server).path, 'utf8')), { user: 'zo\u00eb' });
    });
  });
}
