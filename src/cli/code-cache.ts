// Leaves beside the bundle what V8 has made of it, for the Node.js that runs this: a start need not compile then.
// It holds the functions that a test of a configuration and a start up to the greeting have called, and no others,
// since all of it is read at every start. Where it cannot be made, starts take longer.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Code } from '../process/worker/worker-code.ts';
import type { CacheFile } from './cache-file.cts';
import type { Loader } from './load.cts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BUNDLE = join(ROOT, 'dist', 'command', 'postern.js');
const CERTIFICATES = join(ROOT, 'test', 'support', 'certs');
const PAUSE_MS = 20;
/** A start that takes longer has failed. */
const LIMIT_MS = 20_000;

const configuration = (folder: string): string => `error_log error.log;
pid nginx.pid;
daemon off;
worker_rlimit_nofile 1024;
events { worker_connections 512; }
mail {
  server_name mail.example;
  auth_http 127.0.0.1:9/auth;
  ssl_certificate ${CERTIFICATES}/server-rsa.pem;
  ssl_certificate_key ${CERTIFICATES}/server-rsa.key;
  server { listen unix:${folder}/imap; protocol imap; starttls on; }
  server { listen unix:${folder}/pop3; protocol pop3; }
  server { listen unix:${folder}/smtp; protocol smtp; smtp_auth plain login; }
  server {
    listen unix:${folder}/imaps ssl;
    protocol imap;
    ssl_certificate ${CERTIFICATES}/server-ec.pem;
    ssl_certificate_key ${CERTIFICATES}/server-ec.key;
  }
}
`;

/** Resolves when the server has greeted. */
async function greets(path: string): Promise<void> {
  for (;;) {
    const greeted = await new Promise<boolean>((resolve) => {
      const socket = connect(path);
      socket.once('data', () => {
        resolve(true);
        socket.destroy();
      });
      socket.once('close', () => resolve(false));
      socket.once('error', () => resolve(false));
    });
    if (greeted) return;
    await sleep(PAUSE_MS);
  }
}

async function makeCache(folder: string): Promise<void> {
  const require = createRequire(import.meta.url);
  const loader: Loader = require('./load.cjs');
  const cacheFile: CacheFile = require('./cache-file.cjs');
  const code: Code = { file: BUNDLE, text: readFileSync(BUNDLE), cache: undefined, boot: loader.BOOT };
  const script = loader.compile(code);
  const { command } = loader.run(script, BUNDLE);
  if (command === undefined) throw new Error('the bundle has no command');
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder));
  const run = (...more: readonly string[]): Promise<number> =>
    command(['-p', folder, '-c', 'nginx.conf', '-e', 'stderr', ...more], code);
  // The test comes last: until something serves, SIGQUIT would end this process.
  for (const globals of ['master_process off;', 'master_process on;']) {
    const ended = run('-g', globals);
    await greets(join(folder, 'imap'));
    process.kill(process.pid, 'SIGQUIT');
    if ((await ended) !== 0) throw new Error('the server failed');
  }
  if ((await run('-q', '-t')) !== 0) throw new Error('the test of the configuration failed');
  cacheFile.writeCache(BUNDLE, code.text, script.createCachedData());
}

const folder = mkdtempSync(join(tmpdir(), 'postern-cache-'));
const end = (fault?: unknown): void => {
  rmSync(folder, { recursive: true, force: true });
  if (fault !== undefined) console.error(`no code cache, starts will take longer: ${String(fault)}`);
  process.exit(0);
};
setTimeout(() => {
  process.kill(process.pid, 'SIGTERM'); // for a master with a worker
  setTimeout(() => end('the server did not greet'), PAUSE_MS);
}, LIMIT_MS);
makeCache(folder).then(() => end(), end);
