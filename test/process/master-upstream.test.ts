// Upstream groups with a zone: all workers count sessions and failures together.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { PATIENCE_MS } from '../support/in-time.ts';
import { endsWithAll, masterTarget, workersIn } from '../support/master.ts';
import { named, type Site, startSite } from '../support/upstream-site.ts';

const TWO = { target: masterTarget(), main: 'worker_processes 2;', logLevel: 'notice' } as const;

/** The worker that has logged in this user. */
const workerOf = ({ server }: Site, user: string): number =>
  Number(new RegExp(` (\\d+)#\\d+: \\*\\d+ client logged in, .*login: "${user}"`).exec(server.log.text())?.[1]);

let users = 0;

/** Logs in until each of the workers has let somebody in who came there. */
async function allSendTo(site: Site, backend: string): Promise<void> {
  const workers = new Set<number>();
  const end = performance.now() + PATIENCE_MS;
  while (workers.size < 2 && performance.now() < end) {
    const user = `u${++users}`;
    const reply = await site.visit(user);
    if (reply === `+OK ${backend}`) workers.add(workerOf(site, user));
    else workers.clear();
  }
  assert.equal(workers.size, 2, `not all workers send sessions to ${backend}`);
}

test('max_conns is for the sessions of all workers', async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const site = await startSite(scope, {
    ...TWO,
    logLevel: 'info',
    backends: [named('a'), named('b')],
    mail: 'upstream all { zone all 64k; server #0 max_conns=1; server #1 backup; }',
    server: 'proxy_pass all;',
  });
  endsWithAll(scope, site.server);
  const { reply, wire } = await site.login('first');
  assert.equal(reply, '+OK a');
  assert.equal(workersIn(site.server.log.text()).length, 2);
  await allSendTo(site, 'b');
  await wire.send('QUIT\r\n');
  await wire.expectLine('+OK QUIT\r\n');
  await wire.closed();
  await allSendTo(site, 'a');
});

test('affinity is that of all workers, and goes on over a reload', async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const site = await startSite(scope, {
    ...TWO,
    logLevel: 'info',
    backends: [named('a'), named('b'), named('c')],
    mail: 'upstream all { affinity $mail_user zone=aff:64k; random; server #0; server #1; server #2; }',
    server: 'proxy_pass all;',
  });
  endsWithAll(scope, site.server);
  const names = Array.from({ length: 6 }, (_, i) => `user${i}`);
  const homes = new Map<string, string>();
  for (const name of names) homes.set(name, await site.visit(name));
  const stays = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      for (const name of names) assert.equal(await site.visit(name), homes.get(name), name);
    }
  };
  await stays();
  const old = workersIn(site.server.log.text());
  site.server.signal('SIGHUP');
  for (const pid of old) await site.server.waitLog(new RegExp(`worker process ${pid} exited with code 0`));
  await stays();
  const workers = [...site.server.log.text().matchAll(/ (\d+)#\d+: \*\d+ client logged in, /g)].map(([, pid]) => pid);
  assert.equal(new Set(workers).size, 4, 'two before and two after');
});

test('the workers decide together where a user belongs whose first sessions come at the same time', async (t) => {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const site = await startSite(scope, {
    ...TWO,
    logLevel: 'info',
    backends: [named('a'), named('b'), named('c')],
    mail: 'upstream all { affinity $mail_user zone=aff:64k; random; server #0; server #1; server #2; }',
    server: 'proxy_pass all;',
  });
  endsWithAll(scope, site.server);
  for (let i = 0; i < 10; i++) {
    const replies = await Promise.all(Array.from({ length: 6 }, async () => (await site.login(`same${i}`)).reply));
    assert.equal(new Set(replies).size, 1, replies.join());
  }
});
