// Clients of mail by WebSocket, what they may send and what they are told: by mail_pass, and by a listen of mail.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ask } from '../support/http-exchange.ts';
import { LogFile } from '../support/log-file.ts';
import { type MailPassOptions, type MailPassSite, mailPassSite, type Way, waysIn } from '../support/mail-pass-site.ts';
import { defaultTarget } from '../support/target.ts';
import { BINARY, CLOSE, frame, handshake, PING, PONG, TEXT } from '../support/websocket-client.ts';

const skip = defaultTarget().name === 'nginx' && 'nginx has no mail_pass';

function over(name: string, options: MailPassOptions, run: (site: MailPassSite, way: Way) => Promise<void>): void {
  for (const { name: by, way, main } of waysIn()) {
    test(`${name}: ${by}`, { skip }, async (t) => {
      const site = await mailPassSite(t, { ...options, way, main: `${main} ${options.main ?? ''}` });
      try {
        await run(site, way);
      } finally {
        site.leave(); // a client that keeps its half would be waited for
      }
    });
  }
}

over(
  'a session in clear: no STARTTLS is offered, whatever boundaries frames have',
  {},
  async ({ server, open }, way) => {
    const client = await open('/imap', { headers: ['Sec-WebSocket-Protocol: chat, imap'] });
    assert.ok(client.head.some((line) => /^sec-websocket-protocol: imap$/i.test(line)));
    assert.equal(await client.line(), '* OK IMAP4 ready\r\n');
    await client.wire.send(
      Buffer.concat([frame(BINARY, 'a CAPA'), frame(BINARY, 'BILITY\r\nb NO'), frame(BINARY, '')]),
    );
    assert.doesNotMatch(await client.line(), /STARTTLS/);
    assert.match(await client.line(), /^a OK/);
    await client.wire.send(Buffer.concat([frame(BINARY, 'OP\r', false), frame(PING, 'x'), frame(0, '\n')]));
    assert.deepEqual(await client.frame(), { opcode: PONG, payload: Buffer.from('x') });
    assert.match(await client.line(), /^b OK/);
    await client.send('c LOGIN jo secret\r\n');
    assert.equal(await client.line(), 'c OK logged in\r\n');
    await client.send('echo\r\n');
    assert.equal(await client.line(), '+OK 250 [echo]\r\n');
    await client.send(Buffer.from([0x03, 0xe8]), CLOSE);
    assert.equal(await client.closeCode(), 1000);
    await client.wire.closed();
    client.wire.destroy();
    if (way === 'mail_pass') {
      const access = new LogFile(join(server.dir, 'access.log'));
      await access.wait(/ GET \/imap HTTP\/1\.1 101\n/);
    }
    await server.waitLog(/proxied session done/);
  },
);

over('a WebSocket over TLS counts as TLS', {}, async ({ open }, way) => {
  const paths = way === 'mail_pass' ? ['/imap', '/tls', '/only'] : ['/imap'];
  for (const path of paths) {
    const client = await open(path, {}, 'wss');
    assert.equal(await client.line(), '* OK IMAP4 ready\r\n', path);
    await client.send('a CAPABILITY\r\n');
    assert.doesNotMatch(await client.line(), /STARTTLS|LOGINDISABLED/);
    await client.line();
    await client.send('b LOGIN jo secret\r\n');
    assert.equal(await client.line(), 'b OK logged in\r\n');
  }
});

over(
  'text ends it with 1003, a message that is too large with 1009',
  { block: 'websocket_max_frame 1k;' },
  async ({ server, open }) => {
    const texting = await open('/imap');
    await texting.send('a NOOP\r\n', TEXT);
    assert.equal(await texting.closeCode(), 1003);
    await server.waitLog(
      /\[info\].*client sent a text frame while (?:passing WebSocket to mail|sending client greeting line)/,
    );
    const large = await open('/imap');
    await large.send('x'.repeat(1025));
    assert.equal(await large.closeCode(), 1009);
    await server.waitLog(/client sent an invalid frame: RangeError: Max payload size exceeded/);
    const unmasked = await open('/imap');
    await unmasked.wire.send(Buffer.from([0x82, 0x01, 0x61]));
    assert.equal(await unmasked.closeCode(), 1002);
  },
);

over('a session that ends closes with 1000', {}, async ({ backend, open, enter }) => {
  const client = await open('/imap');
  await client.line();
  await client.send('a LOGOUT\r\n');
  assert.match(await client.line(), /^\* BYE/);
  assert.match(await client.line(), /^a OK/);
  assert.equal(await client.closeCode(), 1000);
  const other = await enter('/imap');
  const peer = await backend.peer(0);
  await peer.send('* BYE\r\n');
  peer.end();
  assert.equal(await other.line(), '* BYE\r\n');
  assert.equal(await other.closeCode(), 1000);
});

test('what is refused before there is a WebSocket', { skip }, async (t) => {
  const { server, open } = await mailPassSite(t, {
    locations: `location /denied { deny all; mail_pass @imap@; }
      location /list { websocket_allow_origin https://mail.example null; mail_pass @imap@; }
      location /any { websocket_allow_origin any; mail_pass @imap@; }
      location /one { websocket_max_connections 1; mail_pass @imap@; }`,
  });
  const status = async (text: string): Promise<number> => {
    const wire = await server.connect('web');
    await wire.send(text);
    const [, code = ''] = await wire.match(/^HTTP\/1\.1 (\d+)/);
    wire.destroy();
    return Number(code);
  };
  const from = (path: string, origin: string): Promise<number> =>
    status(handshake({ path, host: 'mail.example', headers: [`Origin: ${origin}`] }));

  const plain = await ask(server, 'web', { target: '/imap' });
  assert.ok(plain !== 'nothing' && plain.status === 426 && plain.fields.includes('Upgrade: websocket'));
  const post = await ask(server, 'web', { target: '/imap', method: 'POST' });
  assert.ok(post !== 'nothing' && post.status === 405);
  assert.equal(await status(handshake({ path: '/imap' }).replace('Version: 13', 'Version: 8')), 426);
  assert.equal(await status(handshake({ path: '/imap' }).replace(/Key: .*/, 'Key: short')), 400);
  assert.equal(await status(handshake({ path: '/imap' }).replace('1.1', '1.0')), 400);
  assert.equal(await status(handshake({ path: '/imap', headers: ['Content-Length: 3'] })), 400);
  assert.equal(await status(handshake({ path: '/imap', headers: ['Sec-WebSocket-Protocol: a b'] })), 400);
  assert.equal(await status(handshake({ path: '/imap' }) + frame(BINARY, 'a NOOP\r\n').toString('latin1')), 400);
  assert.equal(await status(handshake({ path: '/denied' })), 403);
  assert.equal(await status(handshake({ path: '/tls' })), 403);
  assert.equal(await status(handshake({ path: '/only' })), 403);

  assert.equal(await from('/imap', 'http://mail.example'), 101);
  assert.equal(await from('/imap', 'https://mail.example:443'), 101);
  assert.equal(await from('/imap', 'https://evil.example'), 403);
  assert.equal(await from('/imap', 'null'), 403);
  assert.equal(await from('/list', 'HTTPS://mail.example'), 101);
  assert.equal(await from('/list', 'null'), 101);
  assert.equal(await from('/list', 'http://mail.example'), 403);
  assert.equal(await from('/any', 'https://evil.example'), 101);

  const one = await open('/one');
  assert.equal(await status(handshake({ path: '/one' })), 503);
  one.wire.destroy();
  await server.waitLog(/client has too many WebSockets/);
});

over(
  'a silent client is pinged, and let go',
  { block: 'websocket_ping 50ms; websocket_timeout 200ms;' },
  async ({ server, open }) => {
    const client = await open('/imap');
    await client.line();
    assert.equal((await client.frame()).opcode, PING);
    await client.send('', PONG);
    await client.wire.closed();
    await server.waitLog(
      /client timed out \(110: Connection timed out\) while (?:passing WebSocket to mail|sending client greeting line)/,
    );
  },
);

over('QUIT lets sessions go on, TERM closes them with 1001', {}, async ({ server, enter }) => {
  const client = await enter('/imap');
  server.signal('SIGQUIT');
  await server.waitLog(/gracefully shutting down/);
  await client.send('still\r\n');
  assert.equal(await client.line(), '+OK 250 [still]\r\n');
  server.signal('SIGTERM');
  assert.equal(await client.closeCode(), 1001);
});
