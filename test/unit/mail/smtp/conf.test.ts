// The lines of SMTP, made when the configuration is read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SmtpMethod, type SmtpRaw, smtpConf } from '../../../../src/mail/smtp/conf.ts';

const UNSET: SmtpRaw = { bufferSize: undefined, greetingDelayMs: undefined, capabilities: undefined, auth: undefined };

function made(conf: Partial<SmtpRaw>, prev: Partial<SmtpRaw> = {}): Readonly<Record<string, string>> {
  const all = smtpConf({ ...UNSET, ...prev }, { ...UNSET, ...conf }, 'mx', 4096);
  const { greeting, helo, ehlo } = all;
  const told = Object.entries({ greeting, helo, ...ehlo });
  return Object.fromEntries(told.map(([name, lines]) => [name, lines.toString('latin1').replaceAll('\r\n', '|')]));
}

test('the defaults', () => {
  assert.deepEqual(made({}), {
    greeting: '220 mx ESMTP ready|',
    helo: '250 mx|',
    withoutStarttls: '250-mx|250 AUTH PLAIN LOGIN|',
    withStarttls: '250-mx|250-AUTH PLAIN LOGIN|250 STARTTLS|',
    onlyStarttls: '250-mx|250 STARTTLS|',
  });
  const all = smtpConf(UNSET, UNSET, 'mx', 4096);
  assert.deepEqual([all.bufferSize, all.greetingDelayMs], [4096, 0]);
});

const AUTH: readonly (readonly [readonly SmtpMethod[], string])[] = [
  [['none'], '250 mx|'],
  [['none', 'plain'], '250-mx|250 AUTH PLAIN|'],
  [['external', 'cram-md5', 'login', 'plain'], '250-mx|250 AUTH PLAIN LOGIN CRAM-MD5 EXTERNAL|'],
  [['login'], '250-mx|250 AUTH LOGIN|'],
];

for (const [methods, ehlo] of AUTH) {
  test(`the EHLO reply with ${methods.join(', ')}`, () =>
    assert.equal(made({ auth: new Set(methods) }).withoutStarttls, ehlo));
}

test('capabilities come before AUTH, one a line, and are there in clear too', () => {
  const all = made({ capabilities: ['SIZE 10', '8BITMIME'] });
  assert.equal(all.withoutStarttls, '250-mx|250-SIZE 10|250-8BITMIME|250 AUTH PLAIN LOGIN|');
  assert.equal(all.onlyStarttls, '250-mx|250-SIZE 10|250-8BITMIME|250 STARTTLS|');
});

test('a server takes the place of the mail block', () => {
  const outer: Partial<SmtpRaw> = { capabilities: ['A'], auth: new Set(['none']), greetingDelayMs: 5, bufferSize: 100 };
  assert.equal(made({}, outer).withoutStarttls, '250-mx|250 A|');
  assert.equal(
    made({ capabilities: ['B'], auth: new Set(['plain']) }, outer).withoutStarttls,
    '250-mx|250-B|250 AUTH PLAIN|',
  );
  const all = smtpConf({ ...UNSET, ...outer }, { ...UNSET, greetingDelayMs: 7 }, 'mx', 4096);
  assert.deepEqual([all.bufferSize, all.greetingDelayMs], [100, 7]);
});
