// Regular expressions that a client finds a text for which never ends: the request fails, and the server goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '../support/http-exchange.ts';
import { startServer } from '../support/server.ts';

const EVIL = `${'a'.repeat(60)}b`;

test('a search without end is a 500 and an alert, wherever it is made', async (t) => {
  const server = await startServer(t, {
    allow: /pcre2_match\(\) failed/,
    config: `http { access_log off;
      map $arg_m $mapped { default none; "~^(a+)+$" found; }
      server { listen @http@; server_name s;
        location / { if ($arg_i ~ "^(a+)+$") { return 200 if; } rewrite ^/rewrite/(a+)+$ /done last; return 200 "$mapped"; }
        location ~ ^/location/(a+)+$ { return 200 location; } }
      server { listen @http@; server_name ~^(a+)+$; return 200 name; } }`,
  });
  const answer = async (target: string, host = 's'): Promise<string> => {
    const got = await ask(server, 'http', { target, host });
    return got === 'nothing' ? got : got.status === 200 ? got.body : String(got.status);
  };
  assert.deepEqual(
    [await answer('/location/aaa'), await answer('/?i=aaa'), await answer('/?m=aaa'), await answer('/', 'aaa')],
    ['location', 'if', 'found', 'name'],
  );
  assert.equal(await answer(`/location/${EVIL}`), '500');
  await server.waitLog(
    new RegExp(
      `\\[alert\\] .* pcre2_match\\(\\) failed: -47 on "/location/${EVIL}" using "\\^/location/\\(a\\+\\)\\+\\$", client: .*, server: s, request: "GET `,
    ),
  );
  assert.equal(await answer(`/?i=${EVIL}`), '500');
  assert.equal(await answer(`/rewrite/${EVIL}`), '500');
  assert.equal(await answer(`/?m=${EVIL}`), 'none', 'as if it did not match');
  assert.notEqual(await answer('/', EVIL), 'name');
  assert.equal(await answer('/'), 'none');
});
