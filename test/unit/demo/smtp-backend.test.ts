import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MAX_MESSAGE_BYTES, Mailbox } from '../../../src/demo/mailbox.ts';
import { startSmtpBackend } from '../../../src/demo/smtp-backend.ts';
import { connect, type Wire } from '../../support/wire.ts';

async function session(t: TestContext, mailbox = new Mailbox()): Promise<{ wire: Wire; mailbox: Mailbox }> {
  const server = await startSmtpBackend(0, mailbox);
  t.after(() => server.close());
  const wire = await connect({ port: server.port });
  t.after(() => wire.destroy());
  await wire.expectLine(/^220 /);
  return { wire, mailbox };
}

/** Sends commands one by one; each must be answered by the code. */
async function dialogue(wire: Wire, steps: readonly (readonly [command: string, code: number])[]): Promise<void> {
  for (const [command, code] of steps) {
    await wire.send(`${command}\r\n`);
    await wire.match(new RegExp(`(^|\\n)${code} [^\\n]*\\n`));
  }
}

const START = [
  ['EHLO client.example.org', 250],
  ['MAIL FROM:<a@example.org> SIZE=100', 250],
  ['RCPT TO:<b@example.org>', 250],
  ['DATA', 354],
] as const;

test('a message is delivered as it was sent, with its leading dots undone', async (t) => {
  const { wire, mailbox } = await session(t);
  await dialogue(wire, START);
  await dialogue(wire, [
    ['Subject: test\r\n\r\n..dot\r\n...\r\nend\xff\r\n.', 250],
    ['QUIT', 221],
  ]);
  const text = mailbox.messages[0]?.bytes.toString('latin1') ?? '';
  assert.match(
    text,
    /^Return-Path: <a@example\.org>\r\nDelivered-To: b@example\.org\r\nReceived: from client\.example\.org /,
  );
  assert.ok(text.endsWith('\r\nSubject: test\r\n\r\n.dot\r\n..\r\nend\xff\r\n'));
});

test('what XCLIENT tells of the client is in the trace, and cannot break it', async (t) => {
  const { wire, mailbox } = await session(t);
  await dialogue(wire, [
    ['XCLIENT ADDR=192.0.2.7 LOGIN=de+0D+0Amo NAME=[UNAVAILABLE]', 220],
    ...START,
    ['text\r\n.', 250],
  ]);
  const text = mailbox.messages[0]?.bytes.toString('latin1') ?? '';
  assert.match(
    text,
    /Received: from client\.example\.org \(\[UNAVAILABLE\] \[192\.0\.2\.7\]\)\r\n\t\(authenticated as de\\x0D\\x0Amo\)\r\n/,
  );
  await dialogue(wire, [['XCLIENT ADDR=192.0.2.7 PROTO=SMTP', 501]]);
});

test('commands out of order and bad ones are refused', async (t) => {
  const { wire } = await session(t);
  await dialogue(wire, [
    ['DATA', 503],
    ['RCPT TO:<b@example.org>', 503],
    ['MAIL a@example.org', 501],
    ['MAIL FROM:<>', 250],
    ['MAIL FROM:<>', 501],
    ['DATA', 503],
    ['RCPT TO:<>', 503],
    ['RSET', 250],
    ['RCPT TO:<b@example.org>', 503],
    ['AUTH PLAIN AGRlbW8AZGVtbw==', 502],
    ['', 502],
    ['NOOP', 250],
    ['HELO x', 250],
  ]);
});

test('a message that is too large is read to its end and refused', async (t) => {
  const { wire, mailbox } = await session(t);
  await dialogue(wire, [
    ['EHLO x', 250],
    [`MAIL FROM:<a@example.org> SIZE=${MAX_MESSAGE_BYTES + 1}`, 552],
  ]);
  await dialogue(wire, START);
  const line = `${'x'.repeat(998)}\r\n`;
  await wire.send(line.repeat(Math.ceil(MAX_MESSAGE_BYTES / 1000) + 1));
  await dialogue(wire, [
    ['.', 552],
    ['NOOP', 250],
  ]);
  assert.equal(mailbox.messages.length, 0);
});

test('a full mailbox and too many recipients are temporary failures', async (t) => {
  const mailbox = new Mailbox();
  while (mailbox.append(Buffer.from('x'))) {}
  const { wire } = await session(t, mailbox);
  await dialogue(wire, START);
  await dialogue(wire, [
    ['text\r\n.', 452],
    ['MAIL FROM:<a@example.org>', 250],
  ]);
  for (let i = 0; i < 20; i++) await dialogue(wire, [[`RCPT TO:<b${i}@example.org>`, 250]]);
  await dialogue(wire, [['RCPT TO:<c@example.org>', 452]]);
});

test('a connection lost within a message delivers nothing', async (t) => {
  const { wire, mailbox } = await session(t);
  await dialogue(wire, START);
  await wire.send('half a message\r\n');
  wire.end();
  await wire.closed();
  assert.equal(mailbox.messages.length, 0);
});

test('a line without end closes the connection', async (t) => {
  const { wire } = await session(t);
  await wire.send('x'.repeat(5000));
  assert.match((await wire.rest()).toString(), /^500 /);
});
