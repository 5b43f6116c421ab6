// For how long a client is silent: what it sends in the relay counts, over either transport.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { API_SERVER, ApiClient, at } from '../support/api-client.ts';
import { Cleanup } from '../support/cleanup.ts';
import { named, startSite } from '../support/upstream-site.ts';

for (const transport of ['handle', 'net']) {
  test(`over ${transport}`, async (t) => {
    const scope = new Cleanup();
    t.after(() => scope.run());
    const site = await startSite(scope, {
      main: `transport ${transport};\n${API_SERVER}`,
      backends: [named('a')],
      mail: 'upstream all { zone all 64k; server #0; }',
      server: 'proxy_pass all; status_zone front;',
    });
    const api = new ApiClient(site.server);
    const { wire } = await site.login('me');
    const session = async (): Promise<unknown> => at(await api.get('/mail/sessions?server_zone=front'), 'sessions', 0);
    const idle = async (): Promise<number> => Number(at(await session(), 'idle'));
    while ((await idle()) < 50);
    const beforeMs = performance.now();
    await wire.send('NOOP\r\n');
    await wire.expectLine('+OK NOOP\r\n');
    const idleMs = await idle();
    assert.ok(idleMs <= performance.now() - beforeMs + 1, `${idleMs}`);
    assert.equal(at(await session(), 'server_zone'), 'front');
  });
}
