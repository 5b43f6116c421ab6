// add_header and add_header_inherit of a running server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { ask } from '../support/http-exchange.ts';
import { type MailServer, startServer } from '../support/server.ts';

const CONFIG = `http {
  access_log off;
  add_header Level http;
  server {
    listen @web@;
    location /above { return 204; }
    location /own { add_header Level location; add_header Level again; return 204;
      location /own/inner { return 204; }
      location /own/none { add_header X-Other 1; return 204; } }
    location /values { add_header X-Uri "$uri ($arg_a)"; add_header X-Empty ""; add_header X-Arg $arg_a;
      add_header x-Case "\${arg_a}b"; return 200 "text"; }
    location /if { add_header Level location;
      if ($arg_a) { add_header Level if; }
      return 204; }
    location /known { add_header Content-Type own; add_header Server own; add_header Date own;
      add_header Last-Modified first; add_header Last-Modified last; add_header ETag "first"; add_header ETag last;
      add_header Cache-Control one; add_header Cache-Control two; return 200 "text"; }
    location ~ ^/status/(?<code>[0-9]+)$ { add_header Sometimes yes; add_header Ever yes always;
      CODES
      return 404; }
  }
}`;

const SUCCESS = [200, 201, 204, 206, 301, 302, 303, 304, 307, 308];
const FAILURE = [202, 400, 401, 403, 404, 405, 409, 413, 500, 502, 503];
const codes = [...SUCCESS, ...FAILURE].map((code) => `if ($code = ${code}) { return ${code} /x; }`).join('\n      ');

const cleanup = new Cleanup();
let server: MailServer;

after(() => cleanup.run());

before(async () => {
  server = await startServer(cleanup, { config: CONFIG.replace('CODES', codes) });
});

/** Lines of a head, less those that every answer has. */
async function fields(target: string, headers: readonly string[] = []): Promise<readonly string[]> {
  const answer = await ask(server, 'web', { target, headers });
  assert.ok(answer !== 'nothing');
  const usual = /^(Content-Type: text|Content-Length:|Connection:|Location:|Transfer-Encoding:)/;
  return answer.fields.filter((line) => !usual.test(line));
}

test('a level with lines of its own does not use those above', async () => {
  assert.deepEqual(await fields('/above'), ['Level: http']);
  assert.deepEqual(await fields('/own'), ['Level: location', 'Level: again']);
  assert.deepEqual(await fields('/own/inner'), ['Level: location', 'Level: again']);
  assert.deepEqual(await fields('/own/none'), ['X-Other: 1']);
  assert.deepEqual(await fields('/if'), ['Level: location']);
  assert.deepEqual(await fields('/if?a=1'), ['Level: if']);
});

test('values have variables, and an empty one makes no line', async () => {
  assert.deepEqual(await fields('/values?a=1'), ['X-Uri: /values (1)', 'X-Arg: 1', 'x-Case: 1b']);
  assert.deepEqual(await fields('/values'), ['X-Uri: /values ()', 'x-Case: b']);
});

test('a value cannot end its line', async () => {
  const [line = ''] = await fields('/values%0d%0aX-Forged:%201');
  assert.doesNotMatch(line, /^X-Forged/);
  assert.equal((await fields('/values%0d%0aX-Forged:%201')).length, 2);
});

test('Last-Modified and ETag stand once, other names as often as they are added', async () => {
  assert.deepEqual([...(await fields('/known'))].sort(), [
    'Cache-Control: one',
    'Cache-Control: two',
    'Content-Type: own',
    'ETag: last',
    'Last-Modified: last',
  ]);
});

for (const [kind, list] of [
  ['success', SUCCESS],
  ['failure', FAILURE],
] as const) {
  test(`lines of an answer of ${kind}`, async () => {
    for (const code of list) {
      const expected = kind === 'success' ? ['Sometimes: yes', 'Ever: yes'] : ['Ever: yes'];
      assert.deepEqual(await fields(`/status/${code}`), expected, String(code));
    }
  });
}
