// The parts of the behaviour spec whose bytes change from run to run: challenges, and PROXY headers for backends.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { base64, latin1, show } from '../bytes.ts';
import { accept, refuse } from '../fake-auth.ts';
import type { Arena } from './arena.ts';
import { expectedRequest } from './request.ts';
import { play } from './transcript.ts';
import type { Protocol } from './transport.ts';

export const variableCases: readonly (readonly [string, (t: TestContext, arena: Arena) => Promise<void>])[] = [
  ['imap: CRAM-MD5 with one challenge for the session', (t, arena) => cramMd5(t, arena, 'imap')],
  ['pop3: CRAM-MD5 with the challenge of the greeting', (t, arena) => cramMd5(t, arena, 'pop3')],
  ['smtp: CRAM-MD5 with one challenge for the session', (t, arena) => cramMd5(t, arena, 'smtp')],
  ['pop3: APOP', apop],
  ['a PROXY header of version 1 for the backend', proxyHeaderV1],
  ['a PROXY header of version 2 for the backend', proxyHeaderV2],
];
const DIGEST = 'b913a602c7eda7a495b4e6e7334d3890';
const AUTH: Readonly<Record<Protocol, readonly [string, string, string]>> = {
  imap: ['a AUTHENTICATE CRAM-MD5\r\n', '+ ', 'a NO no\r\n'],
  pop3: ['AUTH CRAM-MD5\r\n', '+ ', '-ERR no\r\n'],
  smtp: ['AUTH CRAM-MD5\r\n', '334 ', '535 5.7.0 no\r\n'],
};
const LOGGED_IN: Readonly<Record<Protocol, string>> = {
  imap: 'a OK logged in\r\n',
  pop3: '+OK logged in\r\n',
  smtp: '235 2.0.0 OK\r\n',
};

/** Two attempts: the challenge stays, the digest goes to the auth server, and the backend gets Auth-Pass. */
async function cramMd5(t: TestContext, arena: Arena, protocol: Protocol): Promise<void> {
  const answers = [
    () => refuse('no', 'Auth-Wait: 1'),
    (b: { host: string; port: number }) => accept(b, 'Auth-Pass: plain'),
  ];
  const stage = await arena.stage(t, protocol, { answers });
  const wire = await arena.open(t, `${protocol}-all`);
  const [command, prefix, refusal] = AUTH[protocol];
  const challenges: string[] = [];
  for (const reply of [refusal, LOGGED_IN[protocol]]) {
    await wire.send(command);
    const line = await wire.line();
    assert.ok(line.startsWith(prefix), show(line));
    challenges.push(Buffer.from(line.slice(prefix.length, -2), 'base64').toString('latin1'));
    await wire.send(`${base64(`${stage.user} ${DIGEST}`)}\r\n`);
    await wire.expectBytes(reply);
  }
  const [salt = ''] = challenges;
  assert.match(salt, /^<\d+\.\d{10}@mx\.example\.org>$/);
  assert.deepEqual(challenges, [salt, salt]);
  if (protocol === 'pop3') assert.ok(wire.received.includes(`+OK POP3 ready ${salt}\r\n`) || arena.transport.secure);
  const asked = [1, 2].map((attempt) =>
    expectedRequest(arena, protocol, wire, {
      method: 'cram-md5',
      user: stage.user,
      pass: DIGEST,
      salt,
      attempt,
    }),
  );
  assert.deepEqual(
    stage.requests.map((request) => show(request.raw)),
    asked.map((request) => show(request)),
  );
  const sent = stage.backend.peers[0]?.received.toString('latin1') ?? '';
  assert.equal(sent.includes('plain'), protocol !== 'smtp', sent);
  assert.equal(sent.includes(DIGEST), false, sent);
}

async function apop(t: TestContext, arena: Arena): Promise<void> {
  const stage = await arena.stage(t, 'pop3', {
    answers: [(backend) => accept(backend, 'Auth-Pass: plain')],
  });
  const wire = await arena.open(t, 'pop3-apop');
  await wire.send(`APOP ${stage.user} not-even-a-digest\r\n`);
  await wire.expectBytes(LOGGED_IN.pop3);
  const [request] = stage.requests;
  const salt = request?.header('Auth-Salt') ?? '';
  assert.match(salt, /^<\d+\.\d{10}@mx\.example\.org>$/);
  const asked = expectedRequest(arena, 'pop3', wire, {
    method: 'apop',
    user: stage.user,
    pass: 'not-even-a-digest',
    salt,
  });
  assert.equal(show(request?.raw ?? ''), show(asked));
  const [peer] = stage.backend.peers;
  assert.equal(peer?.received.toString('latin1'), `USER ${stage.user}\r\nPASS plain\r\n`);
}

/** What a backend got before the login, up to its end. */
async function headerFor(t: TestContext, arena: Arena, block: string): Promise<{ header: Buffer; port: number }> {
  const stage = await arena.stage(t, 'imap', {
    backend: async (peer) => {
      await peer.send('* OK hi\r\n');
      await peer.match(/a LOGIN \{8\}\r\n/);
      await peer.send('a NO enough\r\n');
    },
  });
  const wire = await arena.open(t, block);
  await play(wire, [`C: a LOGIN ${stage.user} secret`, 'S: * BAD internal server error', '--']);
  const got = stage.backend.peers[0]?.received ?? Buffer.alloc(0);
  const login = latin1('a LOGIN {8}\r\n');
  assert.ok(got.subarray(-login.length).equals(login), show(got));
  return { header: got.subarray(0, -login.length), port: wire.localPort };
}

async function proxyHeaderV1(t: TestContext, arena: Arena): Promise<void> {
  const { header, port } = await headerFor(t, arena, 'imap-proxy-1');
  const { client } = arena.transport;
  if (client === 'unix:') {
    assert.equal(header.toString('latin1'), 'PROXY UNKNOWN\r\n');
    return;
  }
  const { host, port: local } = arena.server.at('imap-proxy-1');
  const family = client.includes(':') ? 'TCP6' : 'TCP4';
  const from = client === '127.0.0.1' ? port : 40001;
  assert.equal(header.toString('latin1'), `PROXY ${family} ${client} ${host} ${from} ${local}\r\n`);
}

async function proxyHeaderV2(t: TestContext, arena: Arena): Promise<void> {
  const { header, port } = await headerFor(t, arena, 'imap-proxy-2');
  const { client } = arena.transport;
  const signature = '0d0a0d0a000d0a515549540a';
  const crc = '030004';
  const hex = header.toString('hex');
  if (client === 'unix:') {
    assert.equal(hex.slice(0, -8), `${signature}20000007${crc}`);
    return;
  }
  const { host, port: local } = arena.server.at('imap-proxy-2');
  const ip = (text: string): string => Buffer.from(text.split('.').map(Number)).toString('hex');
  const ports = [client === '127.0.0.1' ? port : 40001, local].map((n) => n.toString(16).padStart(4, '0')).join('');
  const mapped = `00000000000000000000ffff${ip(host)}`;
  const addresses = client.includes(':') ? `20010db8000000000000000000000007${mapped}` : ip(client) + ip(host);
  const family = client.includes(':') ? '21' : '11';
  if (arena.transport.secure) {
    assert.ok(hex.startsWith(`${signature}21${family}`), hex);
    assert.ok(hex.includes(addresses + ports), hex);
    // The SSL TLV: a client that uses TLS, verify result 1 without a certificate, and the version in text.
    assert.match(hex, /200[0-9a-f]{3}0100000001210007544c5376312e33/);
    return;
  }
  const length = (addresses.length + ports.length) / 2 + 7;
  assert.equal(
    hex.slice(0, -8),
    `${signature}21${family}${length.toString(16).padStart(4, '0')}${addresses}${ports}${crc}`,
  );
}
