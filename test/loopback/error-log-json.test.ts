// error_log format=json and filter=: the records of sessions as objects, and which logs take them.
import assert from 'node:assert/strict';
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { latin1, saslPlain } from '../support/bytes.ts';
import type { Scope } from '../support/cleanup.ts';
import { accept, refuse, startAuth } from '../support/fake-auth.ts';
import { imapBackend, startBackend } from '../support/fake-backend.ts';
import { LogFile } from '../support/log-file.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { postern } from '../support/target.ts';

const start = (scope: Scope, transport: string, config: string): Promise<MailServer> =>
  startServer(scope, {
    target: { ...postern, globals: `daemon off; master_process off; transport ${transport};` },
    config,
  });

const logOf = (server: MailServer, name: string): LogFile => new LogFile(join(server.dir, name));

function objectsIn(server: MailServer, name: string): Record<string, unknown>[] {
  const text = readFileSync(join(server.dir, name), 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

async function say(server: MailServer, text: string | Buffer, name = 'imap'): Promise<void> {
  const wire = await server.connect(name);
  await wire.send(text);
  await wire.closed();
  wire.destroy();
}

for (const transport of ['handle', 'net']) {
  describe(`${transport}: error logs in JSON`, { concurrency: 4 }, () => {
    test('a session is told in fields, as the text beside it has it', async (t) => {
      const backend = await startBackend(t, imapBackend);
      const auth = await startAuth(t, (request) =>
        request.header('Auth-User') === 'anna' ? accept(backend) : refuse('no'),
      );
      const server = await start(
        t,
        transport,
        `mail { auth_http ${auth.url}; imap_auth plain; error_log @DIR@/m.json info format=json; error_log @DIR@/m.log info;
         server { listen @imap@; protocol imap; } }`,
      );
      const { host, port } = server.at('imap');
      await say(server, 'a LOGIN anna secret\r\nb LOGOUT\r\n');
      await logOf(server, 'm.json').wait(/session done/);
      await say(server, latin1(`a AUTHENTICATE PLAIN\r\n${saslPlain('x"\r\n\xff', 'secret')}\r\n`));
      await logOf(server, 'm.json').wait(/login failed/);
      const base = { server: `${host}:${port}`, level: 'info', tags: ['mail'] };
      const objects = objectsIn(server, 'm.json').map(({ time, pid, ...rest }) => {
        assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
        assert.equal(pid, server.pid);
        return rest;
      });
      const [first, second] = objects.map(({ client }) => client).filter((_, i) => i === 0 || i === 3);
      const upstream = `${backend.host}:${backend.port}`;
      const anna = { ...base, connection: 1, client: first, login: 'anna', upstream };
      assert.match(String(first), /^127\./);
      const connected = / connected to /;
      assert.match(String(objects[0]?.message), connected);
      assert.deepEqual(objects.slice(1, 3), [
        { ...anna, message: 'client logged in' },
        { ...anna, message: 'proxied session done' },
      ]);
      assert.match(String(objects[3]?.message), connected);
      assert.deepEqual(objects.slice(4), [
        {
          ...base,
          connection: 2,
          action: 'in http auth state',
          client: second,
          login: 'x"\r\n\xff',
          message: 'client login failed: "no"',
        },
      ]);
      const texts = logOf(server, 'm.log').text();
      assert.match(texts, /^[\d/]+ [\d:]+ \[info\] \d+#\d+: \*1 client logged in, client: 127[\d.]+, server: /m);
      assert.match(texts, /login: "x"\\x0D\\x0A\xff"\n$/);
      assert.equal(texts.split('\n').length, objects.length + 1);
    });

    test('filter= takes the records with one of its tags; tags may be made of variables', async (t) => {
      const auth = await startAuth(t, () => refuse('no'));
      const server = await start(
        t,
        transport,
        `error_log @DIR@/main.json notice format=json;
         mail { auth_http ${auth.url};
           error_log @DIR@/one.log info filter=tag:one; error_log @DIR@/both.log info filter=tag:one filter=tag:anna;
           error_log @DIR@/none.log info filter=tag:nobody; error_log @DIR@/mail.json info format=json filter=tag:mail;
           server { listen @one@; protocol imap; error_log_user_tag one; }
           server { listen @user@; protocol imap; error_log_user_tag $mail_user; error_log_user_tag $remote_addr$ssl_protocol; }
           server { listen @plain@; protocol imap; } }`,
      );
      for (const name of ['one', 'user', 'plain']) await say(server, 'a LOGIN anna x\r\n', name);
      await logOf(server, 'mail.json').wait(/(?:login failed[\s\S]*?){3}\n/);
      await server.stop();
      const failures = (name: string): string[] =>
        [
          ...logOf(server, name)
            .text()
            .matchAll(/login failed.*server: [\d.]+:(\d+)/g),
        ].map(([, port = '']) => port);
      const port = (name: string): string => String(server.at(name).port);
      assert.deepEqual(failures('one.log'), [port('one')]);
      assert.deepEqual(failures('both.log'), [port('one'), port('user')]);
      assert.equal(logOf(server, 'none.log').text(), '');
      const tags = objectsIn(server, 'mail.json')
        .filter(({ message }) => /login failed/.test(String(message)))
        .map((object) => JSON.stringify(object.tags));
      assert.match(tags.join(' '), /^\["mail","one"\] \["mail","anna","127[\d.]+"\] \["mail"\]$/);
      assert.ok(
        objectsIn(server, 'main.json').some(({ message, tags: none }) => message === 'exit' && none === undefined),
      );
    });

    test('looking for tags leaves no trace: what a session finds out later is not what it was', async (t) => {
      const auth = await startAuth(t, () => refuse('no'));
      const server = await start(
        t,
        transport,
        `mail { auth_http ${auth.url}; auth_http_header X-Who $who; set_real_ip_from 127.0.0.0/8; set $who $remote_addr;
           error_log @DIR@/mail.json info format=json; error_log_user_tag $remote_addr;
           server { listen @imap@ proxy_protocol; protocol imap; } }`,
      );
      await say(server, 'PROXY TCP4 192.0.2.7 198.51.100.1 40001 143\r\na LOGIN anna x\r\n');
      assert.equal((await auth.request(0)).header('X-Who'), '192.0.2.7');
      await logOf(server, 'mail.json').wait(/"tags":\["mail","192\.0\.2\.7"\].*login failed/);
    });

    test('USR1 opens such a file anew', async (t) => {
      const server = await start(
        t,
        transport,
        `mail { auth_http 127.0.0.1:9; error_log @DIR@/mail.json info format=json; server { listen @imap@; protocol imap; } }`,
      );
      await say(server, 'a LOGOUT\r\n');
      await logOf(server, 'mail.json').wait(/\n/);
      renameSync(join(server.dir, 'mail.json'), join(server.dir, 'old.json'));
      server.signal('SIGUSR1');
      await server.waitLog(/reopening logs/);
      await say(server, 'a LOGOUT\r\n');
      await logOf(server, 'mail.json').wait(/\n/);
      assert.deepEqual(
        objectsIn(server, 'mail.json').map(({ connection }) => connection),
        [2],
      );
      assert.deepEqual(
        objectsIn(server, 'old.json').map(({ connection }) => connection),
        [1],
      );
    });
  });
}

test('http has fields of its own', async (t) => {
  const server = await start(
    t,
    'handle',
    `http { error_log @DIR@/http.json info format=json filter=tag:web; access_log off; error_log_user_tag $http_x_tag;
       server { listen @web@; server_name here;
         location / { root @DIR@/nowhere; } location /y { error_log_user_tag web; root @DIR@/nowhere; } } }`,
  );
  await say(server, 'GET /quiet HTTP/1.0\r\n\r\n', 'web');
  await say(server, 'GET /x HTTP/1.1\r\nHost: there\r\nX-Tag: web\r\nReferer: a\r\nConnection: close\r\n\r\n', 'web');
  await logOf(server, 'http.json').wait(/open\(\).*\n/);
  await say(server, 'GET /y HTTP/1.0\r\n\r\n', 'web');
  await logOf(server, 'http.json').wait(/\/y.*\n/);
  const [object, inLocation, ...more] = objectsIn(server, 'http.json');
  assert.deepEqual([inLocation?.tags, more], [['http', 'web'], []]);
  const { level, server: name, request, host, referrer, tags, connection } = object ?? {};
  assert.deepEqual(
    { level, name, request, host, referrer, tags, connection },
    {
      level: 'error',
      name: 'here',
      request: 'GET /x HTTP/1.1',
      host: 'there',
      referrer: 'a',
      tags: ['http', 'web'],
      connection: 2,
    },
  );
});
