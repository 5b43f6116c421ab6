// add_header_inherit of a running server, which nginx has since 1.29.3.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '../support/http-exchange.ts';
import { startServer } from '../support/server.ts';

const CONFIG = `http {
  access_log off;
  add_header A http;
  server {
    listen @web@;
    location = / { return 204; }
    location /on { add_header_inherit on; add_header B own; return 204; }
    location /off { add_header_inherit off; return 204;
      location /off/inner { add_header B inner; return 204; } }
    location /merge { add_header_inherit merge; add_header B own; return 204;
      location /merge/inner { add_header C inner; return 204; }
      location /merge/same { return 204; }
      location /merge/on { add_header_inherit on; add_header C inner; return 204; } }
  }
}`;

const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  '/': ['A: http'],
  '/on': ['B: own'],
  '/off': [],
  '/off/inner': ['B: inner'],
  '/merge': ['B: own', 'A: http'],
  '/merge/inner': ['C: inner', 'B: own', 'A: http'],
  '/merge/same': ['B: own', 'A: http'],
  '/merge/on': ['C: inner'],
};

test('lines of the level above are used, left out or added', async (t) => {
  const server = await startServer(t, { config: CONFIG });
  for (const [target, expected] of Object.entries(EXPECTED)) {
    const answer = await ask(server, 'web', { target });
    assert.ok(answer !== 'nothing');
    assert.deepEqual(
      answer.fields.filter((line) => /^[ABC]:/.test(line)),
      expected,
      target,
    );
  }
});
