// What tools read of -v, -V and -h.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildLines, helpText, versionLine } from '../../../src/cli/version.ts';
import { ROOT } from '../../support/target.ts';

const DEFAULTS = {
  prefix: '/etc/nginx/',
  file: 'conf/nginx.conf',
  errorLog: 'logs/error.log',
  pid: 'logs/nginx.pid',
  bodyFolder: 'client_body_temp',
};

test('the version line names nginx first, then the package with its own version', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  assert.equal(versionLine(), `nginx version: nginx/1.31.5 (postern/${version})\n`);
});

test('the build lines are what certbot, fail2ban and the nginx test suite look for', () => {
  const text = buildLines(DEFAULTS);
  // certbot: a number without a suffix, a space, and text.
  assert.match(text, /^built (?:with|by) .*\nbuilt with OpenSSL \d+\.\d+\.\d+ \S.*$/m);
  assert.doesNotMatch(text, /\+quic/);
  assert.match(text, /^TLS SNI support enabled$/m);
  assert.match(text, /--with-mail(?: |$)/m);
  assert.match(text, /mail_ssl/);
  assert.match(text, /^configure arguments: --prefix=\/etc\/nginx /m);
  assert.doesNotMatch(text, /--with-debug|--without-/);
  assert.ok(text.endsWith('\n') && !text.endsWith('\n\n'));
});

test('the help names the defaults of this machine, and ends with an empty line', () => {
  const text = helpText(DEFAULTS);
  for (const option of [
    '-?,-h',
    '-v',
    '-V',
    '-t',
    '-T',
    '-q',
    '-s signal',
    '-p prefix',
    '-e filename',
    '-c filename',
    '-g directives',
  ]) {
    assert.ok(text.includes(`\n  ${option} `), option);
  }
  assert.match(text, /\(default: \/etc\/nginx\/\)/);
  assert.match(text, /\(default: logs\/error\.log\)/);
  assert.match(text, /\(default: conf\/nginx\.conf\)/);
  assert.ok(text.endsWith('file\n\n'));
});
