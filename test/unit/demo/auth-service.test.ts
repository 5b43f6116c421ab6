import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, startAuthService } from '../../../src/demo/auth-service.ts';
import { connect } from '../../support/wire.ts';

const PORTS = { imap: 11143, pop3: 11110, smtp: 11025 };
const login = (protocol: string, user: string, pass: string) =>
  decide({ 'auth-method': 'plain', 'auth-protocol': protocol, 'auth-user': user, 'auth-pass': pass }, PORTS);

test('the demo account is sent to the backend of its protocol', () => {
  for (const [protocol, port] of Object.entries(PORTS)) {
    const expected = { 'Auth-Status': 'OK', 'Auth-Server': '127.0.0.1', 'Auth-Port': String(port) };
    assert.deepEqual(login(protocol, 'demo', 'demo'), expected);
  }
  assert.equal(login('imap', 'demo', '%64emo')['Auth-Status'], 'OK', 'escapes are undone');
});

test('any other login is refused after a wait', () => {
  const refused = { 'Auth-Status': 'Invalid login or password', 'Auth-Wait': '1' };
  assert.deepEqual(login('imap', 'demo', 'wrong'), refused);
  assert.deepEqual(login('imap', 'demo', ''), refused);
  assert.deepEqual(login('imap', 'other', 'demo'), refused);
  assert.deepEqual(login('imap', '%zz', 'demo'), refused);
});

test('other methods and protocols are refused', () => {
  assert.equal(decide({ 'auth-protocol': 'imap', 'auth-method': 'cram-md5' }, PORTS)['Auth-Server'], undefined);
  assert.equal(decide({ 'auth-protocol': 'smtp', 'auth-method': 'none' }, PORTS)['Auth-Server'], undefined);
  assert.equal(login('ftp', 'demo', 'demo')['Auth-Server'], undefined);
  assert.equal(decide({}, PORTS)['Auth-Server'], undefined);
});

test('it answers a request as the proxy makes it, with headers that fit 1024 bytes', async (t) => {
  const service = await startAuthService(0, PORTS);
  t.after(() => service.close());
  const wire = await connect({ port: service.port });
  const headers = [
    'Host: 127.0.0.1',
    'Auth-Method: plain',
    'Auth-User: demo',
    'Auth-Pass: demo',
    'Auth-Protocol: pop3',
  ];
  await wire.send(
    ['GET /auth HTTP/1.0', ...headers, 'Auth-Login-Attempt: 1', 'Client-IP: 127.0.0.1', '', ''].join('\r\n'),
  );
  const reply = (await wire.rest()).toString('latin1');
  wire.destroy();
  assert.match(reply, /^HTTP\/1\.[01] 200 /);
  assert.match(reply, /\r\nAuth-Status: OK\r\n/);
  assert.match(reply, /\r\nAuth-Port: 11110\r\n/);
  assert.ok(reply.endsWith('\r\n\r\n') && reply.length < 1024);
});
