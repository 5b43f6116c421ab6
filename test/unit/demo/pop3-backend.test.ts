import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Mailbox, sampleMailbox } from '../../../src/demo/mailbox.ts';
import { startPop3Backend } from '../../../src/demo/pop3-backend.ts';
import { connect, type Wire } from '../../support/wire.ts';

async function session(t: TestContext, mailbox: Mailbox, login = true): Promise<Wire> {
  const server = await startPop3Backend(0, mailbox);
  t.after(() => server.close());
  const wire = await connect({ port: server.port });
  t.after(() => wire.destroy());
  await wire.expectLine(/^\+OK /);
  if (!login) return wire;
  await wire.send('USER demo\r\nPASS demo\r\n');
  await wire.expectLine(/^\+OK /);
  await wire.expectLine(/^\+OK /);
  return wire;
}

function twoMessages(): Mailbox {
  const mailbox = new Mailbox();
  mailbox.append(Buffer.from('Subject: one\r\n\r\nline 1\r\n.dot\r\nline 3\r\n'));
  mailbox.append(Buffer.from('Subject: two\r\n\r\nno line end'));
  return mailbox;
}

test('nothing is shown before the login', async (t) => {
  const wire = await session(t, sampleMailbox(), false);
  for (const command of ['STAT', 'LIST', 'RETR 1', 'DELE 1', 'NOOP', 'USER', 'PASS demo', 'USER demo']) {
    await wire.send(`${command}\r\n`);
    await wire.expectLine(command.startsWith('USER') ? /^\+OK / : /^-ERR /);
  }
  await wire.send('PASS wrong\r\nPASS demo\r\nSTAT\r\n');
  await wire.expectLine(/^-ERR /);
  await wire.expectLine(/^\+OK 3 messages/);
  await wire.expectLine(/^\+OK 3 \d+/);
});

test('messages are listed and read, with dots doubled', async (t) => {
  const mailbox = twoMessages();
  const wire = await session(t, mailbox);
  await wire.send('STAT\r\nLIST\r\nLIST 2\r\nUIDL\r\nRETR 1\r\nRETR 2\r\nTOP 1 1\r\nTOP 2 0\r\n');
  await wire.expectBytes('+OK 2 65\r\n+OK 2 messages\r\n1 38\r\n2 27\r\n.\r\n+OK 2 27\r\n');
  await wire.expectBytes(`+OK 2 messages\r\n1 ${mailbox.uidValidity}.1\r\n2 ${mailbox.uidValidity}.2\r\n.\r\n`);
  await wire.expectBytes('+OK 38 octets\r\nSubject: one\r\n\r\nline 1\r\n..dot\r\nline 3\r\n.\r\n');
  await wire.expectBytes('+OK 27 octets\r\nSubject: two\r\n\r\nno line end\r\n.\r\n');
  await wire.expectBytes('+OK top of the message\r\nSubject: one\r\n\r\nline 1\r\n.\r\n');
  await wire.expectBytes('+OK top of the message\r\nSubject: two\r\n\r\n.\r\n');
});

test('what is deleted goes at QUIT, and RSET brings it back', async (t) => {
  const mailbox = twoMessages();
  const wire = await session(t, mailbox);
  await wire.send('DELE 1\r\nDELE 1\r\nRETR 1\r\nSTAT\r\nRSET\r\nDELE 2\r\nLIST\r\n');
  for (const expected of [/^\+OK/, /^-ERR/, /^-ERR/, /^\+OK 1 27\r/, /^\+OK/, /^\+OK/]) await wire.expectLine(expected);
  await wire.expectBytes('+OK 1 messages\r\n1 38\r\n.\r\n');
  assert.equal(mailbox.messages.length, 2);
  await wire.send('QUIT\r\n');
  await wire.expectLine(/^\+OK /);
  assert.equal(await wire.closed(), 'fin');
  assert.deepEqual(
    mailbox.messages.map(({ uid }) => uid),
    [1],
  );
});

test('bad arguments and unknown commands are refused', async (t) => {
  const wire = await session(t, twoMessages());
  const commands = ['RETR', 'RETR 0', 'RETR 3', 'RETR 1x', 'TOP 1', 'TOP 1 -1', 'LIST 9', 'UIDL x', 'DELE', 'XXXX', ''];
  for (const command of commands) {
    await wire.send(`${command}\r\n`);
    await wire.expectLine(/^-ERR /);
  }
});

test('a line without end closes the connection', async (t) => {
  const wire = await session(t, twoMessages());
  await wire.send('x'.repeat(600));
  assert.match((await wire.rest()).toString(), /^-ERR line too long\r\n$/);
});
