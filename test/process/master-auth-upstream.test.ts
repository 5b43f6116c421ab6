// A group of auth servers with a zone: what one worker finds out about a server the others need not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { startAuth } from '../support/fake-auth.ts';
import { PATIENCE_MS } from '../support/in-time.ts';
import { endsWithAll, masterTarget } from '../support/master.ts';
import { named, sendTo, startSite } from '../support/upstream-site.ts';

const DEAD = 40;
/** So many logins in a row have to succeed. */
const ROW = 12;

test('an auth server that is found dead is dead for all workers', async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const good = await startAuth(scope, sendTo());
  const dead = Array.from({ length: DEAD }, (_, i) => `server 127.98.0.${i + 1}:1 fail_timeout=600s;`).join(' ');
  const { server, visit } = await startSite(scope, {
    target: masterTarget(),
    main: 'worker_processes 2;',
    logLevel: 'info',
    backends: [named('a')],
    mail: `auth_http http://auths; auth_http_next_upstream off;
      upstream auths { zone auths 128k; random; server ${good.host}:${good.port}; ${dead} }`,
    server: 'proxy_pass #0;',
  });
  endsWithAll(scope, server);
  const end = performance.now() + PATIENCE_MS;
  let row: string[] = [];
  const workers = (): number =>
    new Set(
      row.map((user) => new RegExp(` (\\d+)#\\d+: .* logged in, .*login: "${user}"`).exec(server.log.text())?.[1]),
    ).size;
  for (let i = 0; (row.length < ROW || workers() < 2) && performance.now() < end; i++) {
    if ((await visit(`u${i}`)) === '+OK a') row.push(`u${i}`);
    else row = [];
  }
  assert.equal(workers(), 2, 'both workers let users in');
  const refused = [...server.log.text().matchAll(/Connection refused\) while asking auth http server (\S+),/g)];
  const servers = new Set(refused.map(([, address]) => address));
  assert.equal(servers.size, DEAD);
  // Each worker for itself would have asked all of them. Now and then both ask one before they have told each other.
  assert.ok(refused.length < DEAD * 1.5, `${refused.length} questions to ${DEAD} servers`);
});
