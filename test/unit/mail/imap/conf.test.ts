// The capability lines of IMAP, made when the configuration is read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ImapRaw, imapConf } from '../../../../src/mail/imap/conf.ts';

const UNSET: ImapRaw = { bufferSize: undefined, capabilities: undefined, auth: undefined };

function made(conf: Partial<ImapRaw>, prev: Partial<ImapRaw> = {}): readonly (string | number)[] {
  const all = imapConf({ ...UNSET, ...prev }, { ...UNSET, ...conf }, 4096);
  const { withoutStarttls, withStarttls, onlyStarttls } = all.capability;
  return [`${withoutStarttls}`, `${withStarttls}`, `${onlyStarttls}`, all.bufferSize];
}

test('the defaults', () => {
  assert.deepEqual(made({}), [
    '* CAPABILITY IMAP4 IMAP4rev1 UIDPLUS AUTH=PLAIN\r\n',
    '* CAPABILITY IMAP4 IMAP4rev1 UIDPLUS AUTH=PLAIN STARTTLS\r\n',
    '* CAPABILITY IMAP4 IMAP4rev1 UIDPLUS STARTTLS LOGINDISABLED\r\n',
    4096,
  ]);
});

test('mechanisms come in a fixed order, words as they were written', () => {
  const all = made({ auth: new Set(['external', 'cram-md5', 'login', 'plain']), capabilities: ['B', 'a b', 'B'] });
  assert.equal(all[0], '* CAPABILITY B a b B AUTH=PLAIN AUTH=LOGIN AUTH=CRAM-MD5 AUTH=EXTERNAL\r\n');
});

test('the mechanisms of OAuth are announced where they are enabled', () => {
  const [line] = made({ auth: new Set(['oauthbearer', 'xoauth2', 'plain']), capabilities: ['A'] });
  assert.equal(line, '* CAPABILITY A AUTH=PLAIN AUTH=XOAUTH2 AUTH=OAUTHBEARER\r\n');
});

test('a server takes the place of the mail block, it does not add to it', () => {
  const outer: Partial<ImapRaw> = { capabilities: ['A'], auth: new Set(['login']), bufferSize: 1000 };
  assert.equal(made({}, outer)[0], '* CAPABILITY A AUTH=LOGIN\r\n');
  assert.equal(made({}, outer)[3], 1000);
  const inner = made({ capabilities: ['B'], auth: new Set(['external']), bufferSize: 2000 }, outer);
  assert.equal(inner[0], '* CAPABILITY B AUTH=EXTERNAL\r\n');
  assert.equal(inner[3], 2000);
});

test('bytes from 0x80 stay single bytes', () => {
  assert.equal(
    imapConf(UNSET, { ...UNSET, capabilities: ['\xe9'] }, 1).capability.withoutStarttls.length,
    '* CAPABILITY x AUTH=PLAIN\r\n'.length,
  );
});
