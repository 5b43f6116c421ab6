// Health checks with several workers: one of them checks for all, also when it is killed, and over a reload.
import assert from 'node:assert/strict';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import type { BackendScript } from '../support/fake-backend.ts';
import { PATIENCE_MS } from '../support/in-time.ts';
import { endsWithAll, masterTarget, workersIn } from '../support/master.ts';
import { type Site, startSite } from '../support/upstream-site.ts';

/** What it answers to checks; it lets everybody in, whatever that is. */
class Gate {
  answer = 'open\r\n';
  checks = 0;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  readonly script: BackendScript = async (peer) => {
    await peer.send('+OK ready\r\n');
    for (;;) {
      const line = (await peer.line(60_000)).trim();
      if (line === 'GATE') {
        this.checks++;
        await peer.send(this.answer);
      } else await peer.send(line.startsWith('PASS') ? `+OK ${this.#name}\r\n` : '+OK\r\n');
    }
  };
}

interface Pair {
  readonly site: Site;
  readonly a: Gate;
  readonly b: Gate;
}

async function start(t: TestContext, check: string): Promise<Pair> {
  const scope = new Cleanup();
  t.after(() => scope.run());
  const [a, b] = [new Gate('a'), new Gate('b')];
  const site = await startSite(scope, {
    target: masterTarget(),
    main: 'worker_processes 2;',
    logLevel: 'info',
    allow: /exited on signal 9/,
    backends: [a.script, b.script],
    mail: `match gate { send "GATE\\r\\n"; expect open; }
      upstream all { zone all 64k; server #0; server #1; }`,
    server: `proxy_pass all; health_check match=gate ${check};`,
  });
  endsWithAll(scope, site.server);
  return { site, a, b };
}

/** Of the worker that said so last. */
function turnedBy({ server }: Site, how: 'healthy' | 'unhealthy'): number {
  const found = [...server.log.text().matchAll(new RegExp(`\\] (\\d+)#0: peer is ${how} `, 'g'))];
  return Number(found.at(-1)?.[1]);
}

const workerOf = ({ server }: Site, user: string): number =>
  Number(new RegExp(` (\\d+)#\\d+: \\*\\d+ client logged in, .*login: "${user}"`).exec(server.log.text())?.[1]);

let users = 0;

/** How often a worker has to send sessions to a backend in a row: with turns it may come there twice by chance. */
const ROW = 3;

/** Logs in until each of two workers has sent some there, and nobody elsewhere since. */
async function allSendTo(site: Site, backends: string): Promise<void> {
  const found = new Map<string, number>();
  const isDone = (): boolean =>
    found.size === 2 * backends.length && [...found.values()].every((count) => count >= ROW);
  const end = performance.now() + PATIENCE_MS;
  while (!isDone() && performance.now() < end) {
    const user = `u${++users}`;
    const reply = await site.visit(user);
    const key = `${workerOf(site, user)} ${reply}`;
    if (backends.includes(reply.slice(-1))) found.set(key, (found.get(key) ?? 0) + 1);
    else found.clear();
  }
  assert.ok(isDone(), `not all workers send sessions to ${backends}`);
}

/** Changes the check, and reloads. @returns the old workers */
function begin({ server }: Site, from: string, to: string): readonly number[] {
  const path = join(server.dir, 'nginx.conf');
  const text = readFileSync(path, 'latin1');
  assert.ok(text.includes(from));
  writeFileSync(`${path}.new`, text.replace(from, to), 'latin1');
  renameSync(`${path}.new`, path);
  const old = workersIn(server.log.text());
  server.signal('SIGHUP');
  return old;
}

/** The same; the old workers are gone then. */
async function reload(site: Site, from: string, to: string): Promise<void> {
  const { server } = site;
  const old = begin(site, from, to);
  for (const pid of old) await server.waitLog(new RegExp(`worker process ${pid} exited with code 0`));
}

test('one worker checks for all; when it is killed, another one goes on', async (t) => {
  const { site, a } = await start(t, 'interval=50ms; health_check_timeout 3s');
  await allSendTo(site, 'ab');
  a.answer = 'closed\r\n';
  await site.server.waitLog(/peer is unhealthy/);
  await allSendTo(site, 'b');
  const checker = turnedBy(site, 'unhealthy');
  assert.ok(workersIn(site.server.log.text()).includes(checker));
  process.kill(checker, 'SIGKILL');
  await site.server.waitLog(new RegExp(`worker process ${checker} exited on signal 9`));
  await allSendTo(site, 'b');
  a.answer = 'open\r\n';
  await site.server.waitLog(/peer is healthy/);
  assert.notEqual(turnedBy(site, 'healthy'), checker);
  await allSendTo(site, 'ab');
  assert.equal(site.server.log.text().match(/peer is /g)?.length, 2, 'one of them says so, once');
});

test('what was found out stays over a reload, and the new workers go on with it', async (t) => {
  const { site, a } = await start(t, 'interval=50ms fails=2 passes=2; health_check_timeout 3s');
  a.answer = 'closed\r\n';
  await site.server.waitLog(/peer is unhealthy/);
  const old = turnedBy(site, 'unhealthy');
  // With its first check alone nobody would be turned away.
  await reload(site, 'interval=50ms', 'interval=600s');
  await allSendTo(site, 'b');
  await reload(site, 'interval=600s', 'interval=50ms');
  a.answer = 'open\r\n';
  await site.server.waitLog(/peer is healthy/);
  assert.notEqual(turnedBy(site, 'healthy'), old);
  await allSendTo(site, 'ab');
});

test('workers that only wait for their sessions to end leave the checks to the new ones', async (t) => {
  const { site, a } = await start(t, 'interval=50ms; health_check_timeout 300ms');
  const { reply } = await site.login('stays');
  assert.match(reply, /^\+OK/);
  const old = begin(site, 'interval=50ms', 'interval=60ms');
  for (const pid of old) await site.server.waitLog(new RegExp(`\\] ${pid}#\\d+: gracefully shutting down`));
  a.answer = 'closed\r\n';
  await site.server.waitLog(/peer is unhealthy/);
  assert.ok(!old.includes(turnedBy(site, 'unhealthy')));
});

test('mandatory waits for a check after a reload, unless it is persistent', async (t) => {
  const { site, a, b } = await start(t, 'interval=50ms mandatory persistent; health_check_timeout 60s');
  await allSendTo(site, 'ab');
  a.answer = '';
  b.answer = '';
  await reload(site, 'mandatory persistent', 'mandatory persistent fails=2');
  await allSendTo(site, 'ab');
  await reload(site, 'mandatory persistent', 'mandatory');
  assert.equal(await site.visit('nobody'), '-ERR internal server error');
  assert.match(site.server.log.text(), /no live upstreams/);
});
