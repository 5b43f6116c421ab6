// Which pages may open a WebSocket.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../../../src/conf/directive.ts';
import { admitsOrigin, type OriginRule, parseOrigins } from '../../../../src/net/websocket/origin.ts';

const rule = (...words: readonly string[]): OriginRule => {
  const parsed = parseOrigins(words);
  assert.ok(!(parsed instanceof Fault), words.join(' '));
  return parsed;
};

const admits = (of: OriginRule, origin: string | undefined, host: string | undefined, isTls = true): boolean =>
  admitsOrigin(of, { origin, host, isTls });

test('the same host, by whatever words for its port', () => {
  const same = rule('same');
  assert.ok(admits(same, undefined, 'mail.example'));
  assert.ok(admits(same, 'https://mail.example', 'mail.example'));
  assert.ok(admits(same, 'https://MAIL.example', 'Mail.Example:443'));
  assert.ok(admits(same, 'https://mail.example:443', 'mail.example'));
  assert.ok(admits(same, 'https://mail.example:8443', 'mail.example:8443'));
  assert.ok(admits(same, 'https://[2001:db8::1]:8443', '[2001:db8::1]:8443'));
  assert.ok(admits(same, 'http://mail.example:80', 'mail.example', false));
  assert.ok(admits(same, 'https://mail.example', 'mail.example', false), 'TLS may end before us');
});

test('another host, port or scheme', () => {
  const same = rule('same');
  for (const origin of [
    'https://mail.example.evil',
    'https://evil.example/mail.example',
    'https://mail.example:444',
    'https://mail.example@evil.example',
    'http://mail.example', // a page that anybody on the way may have written
    'ws://mail.example',
    'file://mail.example',
    'null',
    '',
    'mail.example',
    ' https://mail.example',
    'https://mail.example, https://evil.example',
  ]) {
    assert.equal(admits(same, origin, 'mail.example'), false, origin);
  }
  assert.equal(admits(same, 'https://mail.example', undefined), false);
  assert.equal(admits(same, 'http://mail.example:443', 'mail.example:443', false), true);
  assert.equal(admits(same, 'http://mail.example', 'mail.example:443', false), false);
});

test('a list has those that it names, and no others', () => {
  const list = rule('https://Mail.example', 'null', 'moz-extension://ab-cd');
  assert.ok(admits(list, 'https://mail.EXAMPLE', 'x'));
  assert.ok(admits(list, 'null', 'x'));
  assert.ok(admits(list, 'moz-extension://ab-cd', 'x'));
  assert.ok(admits(list, undefined, 'x'));
  assert.equal(admits(list, 'https://x', 'x'), false);
  assert.equal(admits(list, 'https://mail.example:443', 'x'), false);
});

test('a list may name the port that browsers leave out', () => {
  const list = rule('https://mail.example:443', 'http://[2001:db8::1]:80', 'https://other.example:80');
  assert.ok(admits(list, 'https://mail.example', 'x'));
  assert.ok(admits(list, 'http://[2001:db8::1]', 'x'));
  assert.equal(admits(list, 'http://mail.example', 'x'), false);
  assert.equal(admits(list, 'https://other.example', 'x'), false);
});

test('any is any', () => {
  assert.ok(admits(rule('any'), 'https://evil.example', 'x'));
  assert.ok(admits(rule('any'), 'null', undefined));
});

test('words that are no origins', () => {
  for (const words of [
    ['mail.example'],
    ['https://a.example/'],
    ['same', 'any'],
    ['https://a b'],
    ['https://'],
    ['https://b\xc3\xbccher.example'],
  ]) {
    assert.ok(parseOrigins(words) instanceof Fault, words.join(' '));
  }
});
