// Requests without a Host: the server that is named by nothing answers them, or the default server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from '../support/server.ts';

const CONFIG = `http { access_log off;
  server { listen @named@; server_name ~.*; return 200 first; }
  server { listen @named@; server_name other ""; return 200 "other $host"; }
  server { listen @nameless@; server_name first; return 200 first; }
  server { listen @nameless@; return 200 "nobody $host"; }
  server { listen @default@; server_name first; return 200 first; }
  server { listen @default@; server_name second; return 200 second; } }`;

test('a server with an empty name takes requests that name none', async (t) => {
  const server = await startServer(t, { config: CONFIG });
  for (const [at, host, expected] of [
    ['named', undefined, 'other other'],
    ['named', 'x', 'first'],
    ['nameless', undefined, 'nobody '],
    ['nameless', 'x', 'first'],
    ['default', undefined, 'first'],
    ['default', 'second', 'second'],
  ] as const) {
    const wire = await server.connect(at);
    await wire.send(`GET / HTTP/1.0\r\n${host === undefined ? '' : `Host: ${host}\r\n`}\r\n`);
    const answer = (await wire.rest()).toString('latin1');
    assert.equal(answer.split('\r\n\r\n')[1], expected, `${at} ${host}`);
  }
});
