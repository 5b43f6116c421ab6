import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePorts, UsageError, withPorts } from '../../../src/demo/ports.ts';

test('without options the ports are those of conf/demo.conf', () => {
  const ports = parsePorts([]);
  assert.deepEqual([ports.imap, ports.pop3, ports.smtp, ports.auth], [10143, 10110, 10025, 10180]);
});

test('an option changes one port; 0 is any, but not for the proxy itself', () => {
  assert.equal(parsePorts(['--imap', '2143']).imap, 2143);
  assert.equal(parsePorts(['--smtp-backend=0'])['smtp-backend'], 0);
  for (const bad of [
    ['--imap', '0'],
    ['--imap', '65536'],
    ['--auth', '1x'],
    ['--imap'],
    ['--web', '1'],
    ['1'],
    ['--pop3', ''],
  ]) {
    assert.throws(() => parsePorts(bad), UsageError, bad.join(' '));
  }
});

test('the configuration gets the ports in place of the default ones', () => {
  const conf = 'auth_http 127.0.0.1:10180/auth; listen 127.0.0.1:10143; listen 127.0.0.1:10143; listen 10143;';
  assert.equal(withPorts(conf, parsePorts([])), conf);
  const changed = withPorts(conf, parsePorts(['--imap', '10180', '--auth', '7']));
  assert.equal(changed, 'auth_http 127.0.0.1:7/auth; listen 127.0.0.1:10180; listen 127.0.0.1:10180; listen 10143;');
});
