// allow and deny: whose address is named, and which rule decides.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AccessRule, AccessRules, parseWho } from '../../../src/core/access-rules.ts';
import { endpointOf, socketAddressOf } from '../../../src/net/endpoint.ts';

/** `+` allows, `-` denies. */
function rules(...texts: readonly string[]): AccessRules {
  return new AccessRules(
    texts.map((text): AccessRule => {
      const parsed = parseWho(text.slice(1));
      assert.ok(parsed !== undefined, text);
      return { allows: text.startsWith('+'), who: parsed.who };
    }),
  );
}

const ask = (set: AccessRules, address: string | undefined): boolean | undefined =>
  set.allows(socketAddressOf(endpointOf(address, 1)));

test('the first rule that names the address decides', () => {
  const set = rules('+10.0.0.1', '-10.0.0.0/8', '+10.0.0.2', '+::1', '-2001:db8::/32');
  assert.equal(ask(set, '10.0.0.1'), true);
  assert.equal(ask(set, '10.0.0.2'), false);
  assert.equal(ask(set, '11.0.0.1'), undefined);
  assert.equal(ask(set, '::1'), true);
  assert.equal(ask(set, '2001:db8::7'), false);
  assert.equal(ask(set, '2001:db9::7'), undefined);
  assert.equal(ask(set, undefined), undefined);
});

test('all is every address, and every unix socket', () => {
  for (const address of ['10.0.0.1', '::1', '::ffff:10.0.0.1', undefined]) {
    assert.equal(ask(rules('-all'), address), false, address);
    assert.equal(ask(rules('+all', '-all'), address), true, address);
  }
});

test('unix: is unix sockets and nobody else', () => {
  assert.equal(ask(rules('+unix:'), undefined), true);
  assert.equal(ask(rules('-0.0.0.0/0', '-::/0'), undefined), undefined);
  assert.equal(ask(rules('+unix:'), '127.0.0.1'), undefined);
});

test('an IPv4 address mapped into IPv6 is asked for among those of IPv4, if there are any', () => {
  const mapped = '::ffff:127.0.0.1';
  assert.equal(ask(rules('+127.0.0.1', '-all'), mapped), true);
  assert.equal(ask(rules('-127.0.0.0/8'), mapped), false);
  assert.equal(ask(rules('+::ffff:127.0.0.1', '-all'), mapped), false);
  assert.equal(ask(rules('-10.0.0.1', '-::/0'), mapped), undefined);
  assert.equal(ask(rules('-::/0'), mapped), false);
  assert.equal(ask(rules('-::ffff:0:0/96'), mapped), false);
  assert.equal(ask(rules('-::ffff:0:0/96'), '::1'), undefined);
});

test('bits behind the prefix do not count', () => {
  const set = rules('-10.0.0.1/8', '-2001:db8::1/33');
  assert.equal(ask(set, '10.9.9.9'), false);
  assert.equal(ask(set, '2001:db8:7fff::'), false);
  assert.equal(ask(set, '2001:db8:8000::'), undefined);
});
