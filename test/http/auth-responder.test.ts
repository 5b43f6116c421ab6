// A login through the mail block that asks a location of the http block of the same configuration.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imapBackend, startBackend } from '../support/fake-backend.ts';
import { ask } from '../support/http-exchange.ts';
import { startServer } from '../support/server.ts';
import type { Wire } from '../support/wire.ts';

/** As nginx administrators write it: directives in the order of the file, empty values leave their header out. */
const responder = (backend: { host: string; port: number }): string => `
mail {
  auth_http http://@http@/mail/auth;
  server { listen @imap@; protocol imap; }
}
http {
  access_log off;
  server {
    listen @http@;
    location = /mail/auth {
      set $reply ERROR;
      set $passw "";
      set $userpass "$http_auth_user:$http_auth_pass";
      if ($userpass ~ '^test@example.com:secret$') { set $reply OK; }
      if ($userpass = other@example.com:guess) { set $reply OK; set $passw real; }
      if ($http_auth_protocol != imap) { set $reply "no $http_auth_protocol"; }
      if ($http_client_ip !~ ^127\\.) { set $reply strangers; }
      add_header Auth-Status $reply;
      add_header Auth-Server ${backend.host};
      add_header Auth-Port ${backend.port};
      add_header Auth-Pass $passw;
      add_header Auth-Wait 1;
      return 204;
    }
  }
}`;

test('a login asks a location of the same nginx.conf', async (t) => {
  const backend = await startBackend(t, imapBackend);
  const server = await startServer(t, { config: responder(backend) });
  const login = async (user: string, reply: string): Promise<Wire> => {
    const wire = await server.connect('imap');
    t.after(() => wire.destroy());
    await wire.expectLine('* OK IMAP4 ready\r\n');
    await wire.send(`a LOGIN ${user}\r\n`);
    await wire.expectLine(reply);
    return wire;
  };
  const failed = await login('test@example.com wrong', 'a NO ERROR\r\n');
  failed.destroy();
  const logins = [
    { user: 'test@example.com secret', password: 'secret' },
    { user: 'other@example.com guess', password: 'real' },
  ];
  for (const [index, { user, password }] of logins.entries()) {
    const wire = await login(user, 'a OK logged in\r\n');
    const peer = await backend.peer(index);
    assert.match(peer.received.toString('latin1'), new RegExp(`\r\n${password}\r\n$`));
    wire.destroy(); // an open session would hold the graceful stop up
  }
});

test('the answers of such a location', async (t) => {
  const server = await startServer(t, { config: responder({ host: '127.0.0.1', port: 143 }) });
  const fieldsFor = async (...headers: string[]): Promise<readonly string[]> => {
    const answer = await ask(server, 'http', { target: '/mail/auth', headers: [...headers, 'Client-IP: 127.0.0.1'] });
    assert.ok(answer !== 'nothing');
    assert.deepEqual([answer.status, answer.body], [204, '']);
    return answer.fields;
  };
  const backend = ['Auth-Server: 127.0.0.1', 'Auth-Port: 143'];
  assert.deepEqual(await fieldsFor('Auth-User: test@example.com', 'Auth-Pass: secret', 'Auth-Protocol: imap'), [
    'Connection: close',
    'Auth-Status: OK',
    ...backend,
    'Auth-Wait: 1',
  ]);
  assert.deepEqual(await fieldsFor('Auth-User: other@example.com', 'Auth-Pass: guess', 'Auth-Protocol: pop3'), [
    'Connection: close',
    'Auth-Status: no pop3',
    ...backend,
    'Auth-Pass: real',
    'Auth-Wait: 1',
  ]);
});
