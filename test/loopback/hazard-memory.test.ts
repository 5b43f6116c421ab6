// Hazard: a password that stays in memory when the login that it was for is over.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { latin1, saslPlain } from '../support/bytes.ts';
import { Cleanup } from '../support/cleanup.ts';
import { type AuthScript, startAuth } from '../support/fake-auth.ts';
import { PATIENCE_MS } from '../support/in-time.ts';
import { ownAddress } from '../support/ports.ts';
import { findInMemory } from '../support/process-memory.ts';
import { named, type Site, sendTo, startSite } from '../support/upstream-site.ts';

/** No piece of it stands anywhere else. */
const CANARY = 'zqMemXJ7kWv';
/** So many that memory is tidied up in the midst of some. */
const LOGINS = 120;

const DONE = /proxied session done/g;

const lets = (...headers: readonly string[]): AuthScript => {
  const bytes = ['HTTP/1.0 200 OK', 'Auth-Status: OK', ...headers, '', ''].join('\r\n');
  return () => ({ bytes, ending: 'close' });
};
const given = lets(`Auth-Pass: ${CANARY}given`);
const busy: AuthScript = () => ({ bytes: 'HTTP/1.0 503 Busy\r\nAuth-Status: OK\r\n\r\n', ending: 'close' });

async function userPass({ server }: Site, i: number): Promise<void> {
  const wire = await server.connect('pop3');
  await wire.expectLine('+OK POP3 ready\r\n');
  await wire.send(`USER u${i}\r\n`);
  await wire.expectLine('+OK\r\n');
  await wire.send(`PASS ${CANARY}${i}\r\n`);
  await wire.line();
  wire.destroy();
}

async function plain({ server }: Site, i: number): Promise<void> {
  const wire = await server.connect('pop3');
  await wire.expectLine('+OK POP3 ready\r\n');
  await wire.send(`AUTH PLAIN ${saslPlain(`u${i}`, `${CANARY}${i}`)}\r\n`);
  await wire.line();
  wire.destroy();
}

const cases: readonly (readonly [string, string, readonly AuthScript[], typeof plain])[] = [
  ['USER and PASS', 'auth_http http://$0;', [sendTo()], userPass],
  ['AUTH PLAIN', 'auth_http http://$0; pop3_auth plain;', [sendTo()], plain],
  ['a password of the auth service', 'auth_http http://$0;', [given], userPass],
  [
    'a group of auth servers, the second of which answers',
    'auth_http http://auths; auth_http_next_upstream http_503; upstream auths { server $0 max_fails=0; server $1; }',
    [busy, given],
    userPass,
  ],
  [
    'the cache',
    'auth_http http://$0; auth_http_cache zone=auth:1m key=; auth_http_cache_valid 10m;',
    [given],
    async (site, i) => userPass(site, i % 5),
  ],
];

for (const [name, mail, scripts, login] of cases) {
  test(`no password is left of logins by ${name}`, async (t: TestContext) => {
    const scope = new Cleanup();
    t.after(() => scope.run());
    let directives = mail;
    for (const [i, script] of scripts.entries()) {
      const { host, port } = await startAuth(scope, script, { host: ownAddress(1) });
      directives = directives.replaceAll(`$${i}`, `${host}:${port}`);
    }
    const site = await startSite(scope, { backends: [named('a')], mail: directives, server: 'proxy_pass #0;' });
    for (let i = 0; i < LOGINS; i++) await login(site, i);
    const areOver = (text: string): true | undefined => text.match(DONE)?.length === LOGINS || undefined;
    assert.ok(await site.server.log.waitUntil(areOver, PATIENCE_MS));
    const found = findInMemory(site.server.pid, latin1(CANARY));
    if (found === undefined) t.skip('the memory of another process is not to be seen here');
    else assert.deepEqual(found, []);
  });
}
