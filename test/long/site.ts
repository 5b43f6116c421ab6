// A master with workers under load: where it takes clients, how it is changed, and what is left of it.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Cleanup } from '../support/cleanup.ts';
import { LogFile } from '../support/log-file.ts';
import { endsWithAll, masterTarget, workersIn } from '../support/master.ts';
import { ownAddress } from '../support/ports.ts';
import { isRunning, until } from '../support/processes.ts';
import { type MailServer, type ServerOptions, startServer } from '../support/server.ts';
import { pem } from '../support/tls.ts';
import type { Protocol } from './dialogues.ts';
import type { Load } from './load.ts';
import { startMailServers } from './mail-servers.ts';
import type { Door } from './orders.ts';

/** Clients that come, and as many that stay. */
export const CLIENTS = 200;
export const WORKERS = 2;
const PROTOCOLS: readonly Protocol[] = ['imap', 'pop3', 'smtp'];
const CERTIFICATES = ['server-ec', 'server-rsa'] as const;

export class Site {
  readonly scope: Cleanup;
  readonly server: MailServer;
  /** Of the configuration in force. */
  generation = 0;
  /** For each generation, how long after the signal to replace it a new connection still saw it, in milliseconds. */
  readonly seenLate: number[] = [];
  readonly #signalled: number[] = [];
  #master: number;

  constructor(scope: Cleanup, server: MailServer) {
    this.scope = scope;
    this.server = server;
    this.#master = server.pid;
  }

  static async start(t: TestContext, options: Partial<ServerOptions> = {}): Promise<Site> {
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
      ...options,
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

  /** Changes the configuration and waits until new connections see it. */
  async reload(): Promise<void> {
    this.change();
    process.kill(this.#master, 'SIGHUP');
    this.#signalled[this.generation] = performance.now();
    for (let good = 0; good < 2 * WORKERS; ) {
      const connecting = performance.now();
      const seen = await this.seen();
      if (seen === this.generation) good++;
      else {
        good = 0;
        this.seenLate[seen] = Math.max(
          this.seenLate[seen] ?? 0,
          connecting - (this.#signalled[seen + 1] ?? Number.NaN),
        );
      }
    }
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
export async function hold(load: Load, doors: readonly Door[]): Promise<void> {
  for (const what of [{}, { user: 'idle' }]) {
    const answer = await load.order({ kind: 'hold', doors, count: CLIENTS / 2, ...what });
    assert.deepEqual(answer.failures, []);
  }
}
