import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startImapBackend } from '../../../src/demo/imap-backend.ts';
import { Mailbox } from '../../../src/demo/mailbox.ts';
import { connect, type Wire } from '../../support/wire.ts';

const ONE = 'From: "Ann, B" <ann@example.org>\r\nSubject: one\r\n folded\r\nDate: today\r\n\r\nbody one\r\n';
const TWO = 'From: bob@example.org\r\n\r\nbody two\r\n';

function twoMessages(): Mailbox {
  const mailbox = new Mailbox();
  mailbox.append(Buffer.from(ONE), new Date(Date.UTC(2026, 10, 4, 2, 14, 36)));
  mailbox.append(Buffer.from(TWO));
  return mailbox;
}

/** A session; `ask` sends a command and gives everything up to its tagged answer, that line without the tag. */
class ImapClient {
  readonly wire: Wire;
  #tag = 0;
  constructor(wire: Wire) {
    this.wire = wire;
  }
  async ask(command: string): Promise<string> {
    const tag = `t${++this.#tag}`;
    await this.wire.send(`${tag} ${command}\r\n`);
    const found = await this.wire.match(new RegExp(`(?:^|\\n)${tag} ([^\\r]*)\\r\\n`));
    const untagged = found[0].startsWith('\n') ? found.input.slice(0, found.index + 1) : '';
    return `${untagged}${found[1]}`;
  }
}

async function session(t: TestContext, mailbox: Mailbox, ...commands: readonly string[]): Promise<ImapClient> {
  const server = await startImapBackend(0, mailbox);
  t.after(() => server.close());
  const wire = await connect({ port: server.port });
  t.after(() => wire.destroy());
  await wire.expectLine(/^\* OK \[CAPABILITY IMAP4rev1 /);
  const client = new ImapClient(wire);
  for (const command of commands) assert.match(await client.ask(command), /OK/);
  return client;
}

const LOGIN = 'LOGIN demo demo';
const SELECT = 'SELECT INBOX';

test('nothing is shown before the login', async (t) => {
  const client = await session(t, twoMessages());
  for (const command of ['SELECT INBOX', 'LIST "" *', 'FETCH 1 FLAGS', 'STATUS INBOX (MESSAGES)', 'IDLE']) {
    assert.match(await client.ask(command), /^BAD /);
  }
  for (const login of ['LOGIN demo wrong', 'LOGIN demo', 'LOGIN (demo) demo'])
    assert.match(await client.ask(login), /^NO /);
  assert.match(await client.ask('CAPABILITY'), /^\* CAPABILITY IMAP4rev1 .*\r\nOK /);
  assert.match(await client.ask('LOGIN "demo" "demo"'), /^OK /);
  assert.match(await client.ask(LOGIN), /^BAD /);
});

test('a login by literals, as the proxy makes it', async (t) => {
  const { wire } = await session(t, twoMessages());
  await wire.send('a LOGIN {4}\r\n');
  await wire.expectLine(/^\+ /);
  await wire.send('demo {4}\r\n');
  await wire.expectLine(/^\+ /);
  await wire.send('demo\r\nb NOOP\r\n');
  await wire.expectLine(/^a OK /);
  await wire.expectLine(/^b OK /);
});

test('literals that need no answer, and input byte by byte', async (t) => {
  const { wire } = await session(t, twoMessages());
  for (const byte of 'a LOGIN {4+}\r\ndemo {4+}\r\ndemo\r\n') await wire.send(byte);
  await wire.expectLine(/^a OK /);
});

test('INBOX is listed, told about and selected', async (t) => {
  const mailbox = twoMessages();
  const client = await session(t, mailbox, LOGIN);
  assert.equal(await client.ask('LIST "" "*"'), '* LIST () "/" INBOX\r\nOK done');
  assert.equal(await client.ask('LIST "" in%'), '* LIST () "/" INBOX\r\nOK done');
  assert.equal(await client.ask('LSUB "" INBOX'), '* LSUB () "/" INBOX\r\nOK done');
  assert.equal(await client.ask('LIST "" Other.*'), 'OK done');
  assert.equal(await client.ask('LIST "" ""'), '* LIST (\\Noselect) "/" ""\r\nOK done');
  const status = `* STATUS INBOX (MESSAGES 2 UNSEEN 2 UIDNEXT 3 UIDVALIDITY ${mailbox.uidValidity})\r\nOK done`;
  assert.equal(await client.ask('STATUS inbox (MESSAGES UNSEEN UIDNEXT UIDVALIDITY)'), status);
  assert.match(await client.ask('STATUS Other (MESSAGES)'), /^NO /);
  assert.match(await client.ask('STATUS INBOX (SIZES)'), /^BAD /);
  assert.match(await client.ask('SELECT Other'), /^NO /);
  const selected = await client.ask(SELECT);
  assert.match(selected, /\* 2 EXISTS\r\n\* 0 RECENT\r\n\* OK \[UNSEEN 1\]/);
  assert.match(selected, /\r\nOK \[READ-WRITE\] done$/);
  assert.match(await client.ask('EXAMINE INBOX'), /\r\nOK \[READ-ONLY\] done$/);
});

test('items of a message are fetched', async (t) => {
  const client = await session(t, twoMessages(), LOGIN, SELECT);
  const fetch = async (items: string): Promise<string> =>
    (await client.ask(`FETCH 1 ${items}`)).replace('\r\nOK done', '');
  assert.equal(await fetch('(FLAGS UID RFC822.SIZE)'), `* 1 FETCH (FLAGS () UID 1 RFC822.SIZE ${ONE.length})`);
  assert.equal(await fetch('INTERNALDATE'), '* 1 FETCH (INTERNALDATE "04-Nov-2026 02:14:36 +0000")');
  assert.equal(
    await fetch('(body.peek[header.fields (subject X)])'),
    '* 1 FETCH (BODY[HEADER.FIELDS (SUBJECT X)] {25}\r\nSubject: one\r\n folded\r\n\r\n)',
  );
  assert.match(await fetch('BODY.PEEK[HEADER.FIELDS.NOT (From Date)]'), /\] \{25\}\r\nSubject: one/);
  assert.equal(await fetch('BODY.PEEK[TEXT]<2.3>'), '* 1 FETCH (BODY[TEXT]<2> {3}\r\ndy )');
  const person = '(("Ann, B" NIL "ann" "example.org"))';
  assert.equal(
    await fetch('ENVELOPE'),
    `* 1 FETCH (ENVELOPE ("today" "one folded" ${person} ${person} ${person} NIL NIL NIL NIL NIL))`,
  );
  assert.equal(
    await fetch('BODYSTRUCTURE'),
    '* 1 FETCH (BODYSTRUCTURE ("TEXT" "PLAIN" ("CHARSET" "UTF-8") NIL NIL "8BIT" 10 1))',
  );
  assert.match(await fetch('FAST'), /^\* 1 FETCH \(FLAGS \(\) INTERNALDATE ".*" RFC822\.SIZE \d+\)$/);
  assert.equal(await fetch('BODY[]'), `* 1 FETCH (BODY[] {${ONE.length}}\r\n${ONE} FLAGS (\\Seen))`);
  assert.equal(await fetch('RFC822.HEADER'), `* 1 FETCH (RFC822.HEADER {${ONE.length - 10}}\r\n${ONE.slice(0, -10)})`);
});

test('sets choose by number and by UID', async (t) => {
  const mailbox = twoMessages();
  mailbox.append(Buffer.from(TWO));
  mailbox.remove(new Set([1]));
  const client = await session(t, mailbox, LOGIN, SELECT);
  const uids = async (command: string): Promise<string[]> =>
    [...(await client.ask(command)).matchAll(/\* (\d+) FETCH \(.*?UID (\d+)/g)].map(([, n, uid]) => `${n}=${uid}`);
  assert.deepEqual(await uids('FETCH 1:* UID'), ['1=2', '2=3']);
  assert.deepEqual(await uids('FETCH *:1 UID'), ['1=2', '2=3']);
  assert.deepEqual(await uids('FETCH 2,2,9 UID'), ['2=3']);
  assert.deepEqual(await uids('UID FETCH 3:* FLAGS'), ['2=3']);
  assert.deepEqual(await uids('UID FETCH 100:* (FLAGS UID)'), ['2=3'], 'a range with * holds the last one');
  assert.deepEqual(await uids('UID FETCH 1 FLAGS'), []);
  for (const bad of ['0', '1:', 'x', '1,,2', '1:2:3', '*,'])
    assert.match(await client.ask(`FETCH ${bad} UID`), /^BAD /);
});

test('flags are stored, searched and expunged', async (t) => {
  const mailbox = twoMessages();
  const client = await session(t, mailbox, LOGIN, SELECT);
  assert.equal(
    await client.ask('STORE 1:2 +FLAGS (\\Seen \\deleted $Other)'),
    `${[1, 2].map((n) => `* ${n} FETCH (FLAGS (\\Seen \\Deleted))\r\n`).join('')}OK done`,
  );
  assert.equal(await client.ask('UID STORE 2 -FLAGS.SILENT \\Deleted'), 'OK done');
  assert.equal(await client.ask('UID STORE 2 FLAGS \\Flagged'), '* 2 FETCH (UID 2 FLAGS (\\Flagged))\r\nOK done');
  assert.equal(await client.ask('SEARCH ALL'), '* SEARCH 1 2\r\nOK done');
  assert.equal(await client.ask('SEARCH CHARSET UTF-8 UNSEEN'), '* SEARCH 2\r\nOK done');
  assert.equal(await client.ask('UID SEARCH NOT UID 2 SEEN 1:*'), '* SEARCH 1\r\nOK done');
  assert.equal(await client.ask('SEARCH UID 7'), '* SEARCH\r\nOK done');
  assert.match(await client.ask('SEARCH SUBJECT x'), /^BAD /);
  assert.equal(await client.ask('EXPUNGE'), '* 1 EXPUNGE\r\nOK done');
  assert.equal(mailbox.messages.length, 1);
  assert.match(await client.ask('EXAMINE INBOX'), /OK/);
  assert.match(await client.ask('STORE 1 FLAGS \\Seen'), /^NO /);
  assert.equal(await client.ask('CLOSE'), 'OK done');
  assert.match(await client.ask('FETCH 1 FLAGS'), /^BAD /);
});

test('a new message is told at the next command, and at once during IDLE', async (t) => {
  const mailbox = twoMessages();
  const client = await session(t, mailbox, LOGIN, SELECT);
  mailbox.append(Buffer.from(TWO));
  assert.equal(await client.ask('NOOP'), '* 3 EXISTS\r\nOK done');
  await client.wire.send('i IDLE\r\n');
  await client.wire.expectLine(/^\+ /);
  mailbox.append(Buffer.from(TWO));
  await client.wire.expectLine('* 4 EXISTS\r\n');
  mailbox.remove(new Set([2]));
  await client.wire.expectLine('* 2 EXPUNGE\r\n');
  await client.wire.send('DONE\r\n');
  await client.wire.expectLine('i OK done\r\n');
});

test('messages removed elsewhere keep their number until a command that may tell', async (t) => {
  const mailbox = twoMessages();
  const client = await session(t, mailbox, LOGIN, SELECT);
  mailbox.remove(new Set([1]));
  assert.equal(await client.ask('FETCH 2 UID'), '* 2 FETCH (UID 2)\r\nOK done');
  assert.equal(await client.ask('NOOP'), '* 1 EXPUNGE\r\nOK done');
});

test('what cannot be read is answered by BAD', async (t) => {
  const client = await session(t, twoMessages(), LOGIN, SELECT);
  for (const bad of [
    'FETCH 1 (FLAGS',
    'FETCH 1 FLAGS)',
    'FETCH 1 "FLAGS',
    'FETCH 1 XYZ',
    'FETCH 1 BODY[9]',
    'FETCH 1',
    'UID',
    'X',
  ]) {
    assert.match(await client.ask(bad), /^BAD /, bad);
  }
  assert.match(await client.ask(`LIST "" ${'('.repeat(20)}`), /^BAD /);
  assert.match(await client.ask(`FETCH 1 (${'FLAGS '.repeat(50)})`), /^BAD /);
  await client.wire.send('\r\nlonely\r\n');
  await client.wire.expectLine(/^\* BAD /);
  await client.wire.expectLine(/^\* BAD /);
});

test('a command that is too long closes the connection', async (t) => {
  for (const bytes of [`a ${'x'.repeat(9000)}`, 'a LOGIN {70000}\r\n', 'a LOGIN {0+}\r\n'.repeat(9000)]) {
    const { wire } = await session(t, twoMessages());
    await wire.send(bytes);
    await wire.expectLine('* BYE command too long\r\n');
    await wire.closed();
  }
});

test('LOGOUT says goodbye and closes', async (t) => {
  const { wire } = await session(t, twoMessages());
  await wire.send('a LOGOUT\r\n');
  assert.equal((await wire.rest()).toString(), '* BYE goodbye\r\na OK done\r\n');
});
