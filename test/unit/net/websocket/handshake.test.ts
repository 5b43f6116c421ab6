// The opening handshake: what is one, what is answered to what is none, and which protocol is named.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseProtocol, type HandshakeRequest, refuseHandshake } from '../../../../src/net/websocket/handshake.ts';

const GOOD: Readonly<Record<string, string>> = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

const request = (fields: Readonly<Record<string, string | undefined>> = {}, more = {}): HandshakeRequest => {
  const all: Readonly<Record<string, string | undefined>> = { ...GOOD, ...fields };
  return { method: 'GET', isHttp11: true, header: (name) => all[name], ...more };
};

test('a handshake, in whatever words', () => {
  const taken: readonly Readonly<Record<string, string>>[] = [
    {},
    { connection: 'keep-alive, upgrade' },
    { connection: 'UPGRADE', upgrade: 'WebSocket' },
    { upgrade: 'h2c, websocket' },
    { 'content-length': '0' },
    { 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' },
    { 'sec-websocket-extensions': 'permessage-deflate' },
  ];
  for (const fields of taken) assert.equal(refuseHandshake(request(fields)), undefined, JSON.stringify(fields));
});

test('what is none', () => {
  const refused: readonly (readonly [Readonly<Record<string, string | undefined>>, status: number])[] = [
    [{ connection: undefined }, 426],
    [{ connection: 'close' }, 426],
    [{ upgrade: undefined }, 426],
    [{ upgrade: 'websockets' }, 426],
    [{ 'sec-websocket-version': undefined }, 426],
    [{ 'sec-websocket-version': '8' }, 426],
    [{ 'sec-websocket-version': '13, 13' }, 426],
    [{ 'sec-websocket-key': undefined }, 400],
    [{ 'sec-websocket-key': '' }, 400],
    [{ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ' }, 400],
    [{ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZR==' }, 400], // bits beyond the sixteen bytes
    [{ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==, x' }, 400],
    [{ 'content-length': '1' }, 400],
    [{ 'content-length': 'x' }, 400],
    [{ 'transfer-encoding': 'chunked' }, 400],
    [{ 'sec-websocket-protocol': '' }, 400],
    [{ 'sec-websocket-protocol': 'imap,' }, 400],
    [{ 'sec-websocket-protocol': 'i map' }, 400],
    [{ 'sec-websocket-protocol': 'imap\r\nX: y' }, 400],
    [{ 'sec-websocket-protocol': Array.from({ length: 33 }, (_, i) => `p${i}`).join() }, 400],
  ];
  for (const [fields, status] of refused) {
    assert.equal(refuseHandshake(request(fields))?.status, status, JSON.stringify(fields));
  }
});

test('the method and the version of HTTP', () => {
  for (const method of ['POST', 'HEAD', 'get', 'CONNECT']) {
    assert.equal(refuseHandshake(request({}, { method }))?.status, 405, method);
  }
  assert.equal(refuseHandshake(request({}, { isHttp11: false }))?.status, 400);
});

test('426 says what would do', () => {
  assert.deepEqual(refuseHandshake(request({ upgrade: 'x' }))?.fields, [['Upgrade', 'websocket']]);
  assert.deepEqual(refuseHandshake(request({ 'sec-websocket-version': '8' }))?.fields, [
    ['Sec-WebSocket-Version', '13'],
  ]);
});

test('the first protocol that is known is named, or none', () => {
  const chosen: readonly (readonly [string | undefined, string | undefined])[] = [
    [undefined, undefined],
    ['binary', 'binary'],
    ['imap', 'imap'],
    ['smtp', 'smtp'],
    ['pop3', 'pop3'],
    ['sieve', 'sieve'],
    ['chat, imap , binary', 'imap'],
    ['chat', undefined],
    ['IMAP', undefined],
  ];
  for (const [offered, name] of chosen) {
    assert.equal(chooseProtocol(request({ 'sec-websocket-protocol': offered })), name, offered);
  }
});
