// The lists of POP3, made when the configuration is read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Pop3Method, type Pop3Raw, pop3Conf } from '../../../../src/mail/pop3/conf.ts';

const UNSET: Pop3Raw = { bufferSize: undefined, capabilities: undefined, auth: undefined };

function made(conf: Partial<Pop3Raw>, prev: Partial<Pop3Raw> = {}): Readonly<Record<string, string>> {
  const { capa, methods } = pop3Conf({ ...UNSET, ...prev }, { ...UNSET, ...conf });
  const told = Object.entries({ ...capa, methods });
  return Object.fromEntries(told.map(([name, lines]) => [name, lines.toString('latin1').replaceAll('\r\n', '|')]));
}

test('the defaults', () => {
  assert.deepEqual(made({}), {
    withoutStarttls: '+OK Capability list follows|TOP|USER|UIDL|SASL PLAIN LOGIN|.|',
    withStarttls: '+OK Capability list follows|TOP|USER|UIDL|SASL PLAIN LOGIN|STLS|.|',
    onlyStarttls: '+OK Capability list follows|TOP|UIDL|STLS|.|',
    methods: '+OK methods supported:|PLAIN|LOGIN|.|',
  });
});

const SASL: readonly (readonly [readonly Pop3Method[], string, string])[] = [
  [['plain'], 'SASL PLAIN LOGIN', 'PLAIN|LOGIN|'],
  [['external', 'cram-md5', 'apop', 'plain'], 'SASL PLAIN LOGIN CRAM-MD5 EXTERNAL', 'PLAIN|LOGIN|CRAM-MD5|EXTERNAL|'],
  [['cram-md5'], 'SASL CRAM-MD5', 'CRAM-MD5|'],
  [['external'], 'SASL EXTERNAL', 'EXTERNAL|'],
  [['oauthbearer', 'xoauth2'], 'SASL XOAUTH2 OAUTHBEARER', 'XOAUTH2|OAUTHBEARER|'],
  [['apop'], 'SASL', ''],
];

for (const [methods, sasl, list] of SASL) {
  test(`the mechanisms of ${methods.join(', ')}`, () => {
    const lists = made({ auth: new Set(methods), capabilities: ['X'] });
    assert.equal(lists.withoutStarttls, `+OK Capability list follows|X|${sasl}|.|`);
    assert.equal(lists.methods, `+OK methods supported:|${list}.|`);
  });
}

test('USER is not offered where a login has to wait for TLS, in whatever case it is written', () => {
  assert.equal(
    made({ capabilities: ['user', 'USER', 'USERS', 'x USER'] }).onlyStarttls,
    '+OK Capability list follows|USERS|x USER|STLS|.|',
  );
});

test('a server takes the place of the mail block', () => {
  const outer: Partial<Pop3Raw> = { capabilities: ['A'], auth: new Set(['apop']) };
  assert.equal(made({}, outer).withoutStarttls, '+OK Capability list follows|A|SASL|.|');
  assert.equal(made({ capabilities: ['B'] }, outer).withoutStarttls, '+OK Capability list follows|B|SASL|.|');
});

test('the command buffer is 128 bytes, as in nginx, or as the directive says', () => {
  const size = (conf: Partial<Pop3Raw>, prev: Partial<Pop3Raw> = {}): number =>
    pop3Conf({ ...UNSET, ...prev }, { ...UNSET, ...conf }).bufferSize;
  assert.equal(size({}), 128);
  assert.equal(size({}, { bufferSize: 4096 }), 4096);
  assert.equal(size({ bufferSize: 512 }, { bufferSize: 4096 }), 512);
});
