// Reloads and an upgrade under load: nobody is refused, nothing is cut, and nothing is left of what was before.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { LogFile } from '../support/log-file.ts';
import { endsWithAll, masterTarget, workersIn } from '../support/master.ts';
import { ownAddress } from '../support/ports.ts';
import { gone, isRunning, processesOf, until } from '../support/processes.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { pem } from '../support/tls.ts';
import type { Protocol } from './dialogues.ts';
import { type Load, startLoad } from './load.ts';
import { startMailServers } from './mail-servers.ts';
import type { Door } from './orders.ts';
import { becomesIdle, MIB, mib } from './usage.ts';

const CLIENTS = 200;
const RELOADS = 20;
const WORKERS = 2;
/** Nobody who connects later than this after the signal may see the configuration before it, in milliseconds. */
const SEEN_WITHIN_MS = 1000;
const PROTOCOLS: readonly Protocol[] = ['imap', 'pop3', 'smtp'];
const CERTIFICATES = ['server-ec', 'server-rsa'] as const;

class Site {
  readonly scope: Cleanup;
  readonly server: MailServer;
  /** Of the configuration in force. */
  generation = 0;
  #master: number;

  constructor(scope: Cleanup, server: MailServer) {
    this.scope = scope;
    this.server = server;
    this.#master = server.pid;
  }

  static async start(t: TestContext): Promise<Site> {
    const scope = new Cleanup();
    t.after(() => scope.run());
    const { auth } = await startMailServers(scope, ownAddress());
    const blocks = PROTOCOLS.map(
      (protocol) => `
  server { listen @${protocol}@; protocol ${protocol}; starttls on; }
  server { listen @${protocol}-tls@ ssl; protocol ${protocol}; }`,
    );
    const server = await startServer(scope, {
      target: masterTarget(),
      logLevel: 'notice',
      files: { 'mail.pem': pem('server-ec.pem'), 'mail.key': pem('server-ec.key') },
      config: `worker_processes ${WORKERS};
events { worker_connections 20000; }
mail {
  server_name mx.example.org;
  auth_http ${auth.host}:${auth.port}/auth;
  timeout 10m;
  xclient on;
  imap_capabilities IMAP4rev1 GENERATION0;
  ssl_certificate @DIR@/mail.pem;
  ssl_certificate_key @DIR@/mail.key;${blocks.join('')}
}`,
    });
    endsWithAll(scope, server);
    return new Site(scope, server);
  }

  get master(): number {
    return this.#master;
  }

  get log(): LogFile {
    return this.server.log;
  }

  doors(): readonly Door[] {
    return PROTOCOLS.flatMap((protocol): readonly Door[] => [
      { ...this.server.at(protocol), protocol, security: 'clear' },
      { ...this.server.at(`${protocol}-tls`), protocol, security: 'tls' },
    ]);
  }

  /** Workers that run. */
  workers(): readonly number[] {
    return workersIn(this.log.text()).filter(isRunning);
  }

  /** Another capability line, and another certificate. */
  change(): void {
    const path = join(this.server.dir, 'nginx.conf');
    const text = readFileSync(path, 'latin1').replace(/GENERATION\d+/, `GENERATION${++this.generation}`);
    const name = CERTIFICATES[this.generation % 2] ?? CERTIFICATES[0];
    writeFileSync(join(this.server.dir, 'mail.pem'), pem(`${name}.pem`));
    writeFileSync(join(this.server.dir, 'mail.key'), pem(`${name}.key`));
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  }

  /** The generation that a new connection sees, in the capability line and in the certificate alike. */
  async seen(): Promise<number> {
    const wire = await this.server.connect('imap-tls', { tls: {} });
    const { socket } = wire;
    await wire.expectLine('* OK IMAP4 ready\r\n');
    await wire.send('a CAPABILITY\r\n');
    const seen = Number(/GENERATION(\d+)/.exec(await wire.line())?.[1]);
    const name = CERTIFICATES[seen % 2] ?? CERTIFICATES[0];
    assert.ok('getPeerCertificate' in socket && typeof socket.getPeerCertificate === 'function');
    assert.equal(socket.getPeerCertificate().fingerprint256, new X509Certificate(pem(`${name}.pem`)).fingerprint256);
    wire.destroy();
    return seen;
  }

  /** Connects again and again. @returns how long after now somebody who connected still saw the generation before */
  async takesEffect(): Promise<number> {
    const start = performance.now();
    let last = 0;
    for (let good = 0; good < 2 * WORKERS; ) {
      const connecting = performance.now() - start;
      const seen = await this.seen();
      if (seen === this.generation) good++;
      else {
        assert.equal(seen, this.generation - 1);
        last = connecting;
        good = 0;
      }
    }
    return last;
  }

  async reload(): Promise<number> {
    this.change();
    process.kill(this.#master, 'SIGHUP');
    return await this.takesEffect();
  }

  /** A new master takes over, and the old one ends when its sessions do. @returns the old one */
  async upgrade(): Promise<number> {
    const old = this.#master;
    process.kill(old, 'SIGUSR2');
    const pidFile = new LogFile(join(this.server.dir, 'nginx.pid'));
    await until(() => pidFile.text().endsWith('\n') && Number(pidFile.text()) !== old, 'the new master', 20_000);
    this.#master = Number(pidFile.text());
    process.kill(old, 'SIGQUIT');
    return old;
  }
}

/** Sessions at the greeting and in the relay, by all doors. */
async function hold(load: Load, doors: readonly Door[]): Promise<void> {
  for (const what of [{}, { user: 'idle' }]) {
    const answer = await load.order({ kind: 'hold', doors, count: CLIENTS / 2, ...what });
    assert.deepEqual(answer.failures, []);
  }
}

test(`${CLIENTS} clients log in and out and ${CLIENTS} hold their sessions through ${RELOADS} reloads and an upgrade`, async (t) => {
  const site = await Site.start(t);
  const [coming, staying] = [startLoad(site.scope), startLoad(site.scope)];
  const doors = site.doors();
  await hold(staying, doors);
  const first = site.workers();
  const logins = coming.order({ kind: 'log-in', doors, clients: CLIENTS, times: Number.POSITIVE_INFINITY });
  const delays: number[] = [];
  for (let i = 0; i < RELOADS / 2; i++) delays.push(await site.reload());
  const old = await site.upgrade();
  for (let i = 0; i < RELOADS / 2; i++) delays.push(await site.reload());
  coming.enough();
  const answer = await logins;
  t.diagnostic(`${answer.good} logins; the old configuration was seen for ${delays.map(Math.round)} ms`);
  assert.deepEqual(answer.failures, []);
  assert.ok(answer.good > CLIENTS);
  assert.ok(Math.max(...delays) < SEEN_WITHIN_MS, `${delays}`);
  assert.ok(first.some(isRunning), 'somebody has the held sessions');
  const left = await staying.order({ kind: 'let-go', by: 'fin' });
  assert.deepEqual(left.failures, []);
  await gone(old);
  const expected = [site.master, ...site.workers().slice(-WORKERS)];
  await until(() => processesOf(site.server.dir).length === expected.length, 'the end of the old workers');
  assert.deepEqual([...processesOf(site.server.dir)].sort(), expected.sort());
});

const MANY = 200;
const EARLY = 50;
/** Readings of the master's memory are the median of so many, a reload apart. */
const READINGS = 9;
const MAX_APART = 4 * MIB;

/** Of the master alone. */
function memoryOf(pid: number): number {
  return Number(/^Rss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1]) * 1024;
}

test(`the master has as much memory and as many descriptors after ${MANY} reloads as after ${EARLY}`, async (t) => {
  const site = await Site.start(t);
  const pid = site.master;
  const once = async (): Promise<void> => {
    const old = site.workers();
    site.change();
    process.kill(pid, 'SIGHUP');
    await until(() => workersIn(site.log.text()).length === WORKERS * (site.generation + 1), 'new workers', 20_000);
    await gone(...old);
  };
  const usageAfter = async (count: number): Promise<readonly [memory: number, descriptors: number]> => {
    while (site.generation < count - READINGS) await once();
    const readings: number[] = [];
    for (let i = 0; i < READINGS; i++) {
      await once();
      readings.push(memoryOf(pid));
    }
    await becomesIdle(pid);
    return [readings.sort((a, b) => a - b)[READINGS >> 1] ?? Number.NaN, readdirSync(`/proc/${pid}/fd`).length];
  };
  const [early, fewer] = await usageAfter(EARLY);
  const [late, more] = await usageAfter(MANY);
  t.diagnostic(`${mib(early)} and ${fewer} descriptors after ${EARLY}, ${mib(late)} and ${more} after ${MANY}`);
  assert.equal(await site.seen(), MANY);
  assert.equal(more, fewer, 'descriptors');
  assert.ok(late - early < MAX_APART, `${mib(early)} and ${mib(late)}`);
});
