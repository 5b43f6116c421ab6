// The differential test itself: two nginx agree, and one that is configured differently is found out.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../support/children.ts';
import { missing } from '../support/programs.ts';
import { nginx, ROOT } from '../support/target.ts';

const skip = missing([], nginx.missing());
const MAIN = join(ROOT, 'dist', 'test', 'diff', 'main.js');
const NGINX_TWICE = [MAIN, '--left', 'nginx', '--right', 'nginx'];

test('nginx does not differ from nginx', { skip }, async () => {
  const ran = await run(process.execPath, [...NGINX_TWICE, '--only', 'smtp']);
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
});

for (const [where, directive] of [
  ['at the client', 'smtp_capabilities PLANTED;'],
  ['at the auth server', 'auth_http_header X-Planted yes;'],
  ['at the backend', 'xclient off;'],
] as const) {
  test(`a planted difference ${where} is found`, { skip }, async () => {
    const ran = await run(process.execPath, [...NGINX_TWICE, '--only', 'smtp-auth', '--plant', directive]);
    assert.equal(ran.code, 1, ran.stdout + ran.stderr);
    assert.match(ran.stdout, /^DIFFERENT smtp: PLAIN with initial response$/m);
  });
}

test('the random mode finds a planted difference and makes its case small', { skip }, async () => {
  const args = ['--minutes', '0.2', '--failures', '1', '--plant', 'pop3_capabilities PLANTED;'];
  const ran = await run(process.execPath, [...NGINX_TWICE, ...args]);
  assert.equal(ran.code, 1, ran.stdout + ran.stderr);
  assert.match(ran.stdout, /case \{"protocol":"pop3",.*"steps":\[[^\]]{4,20}\]\}$/im);
});
