// Runs compiled test files by folder with node:test, several at a time, and fails if a test leaves a process behind.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** Test files that run at the same time: more than the two cores of a small machine, since many wait for a time limit. */
const AT_ONCE = 4;
const BATCHES = 7;
/** Files that are worth a process of their own, the longest first. */
const ALONE = [
  'upstream',
  'docs',
  'mail-server-tls',
  'mail-backend-tls',
  'mail-server',
  'mail-server-more',
  'backend-failures',
  'mail-variables',
  'auth-cache',
  'failover',
  'hazard-wait-loop',
];
/**
 * Files that `--streams` runs over the streams of Node.js: a server that is left to choose takes the handles. These are
 * those that have to do with the way of bytes: the behaviour spec, and everything that can go wrong with a peer.
 */
const OVER_STREAMS = [
  'mail-server',
  'mail-server-tls',
  'mail-server-more',
  'starttls',
  'auth-failures',
  'auth-off',
  'backend-failures',
  'backend-certificates',
  'backend-starttls',
  'backend-tls',
  'backend-tls-upstream',
  'backend-way',
  'mail-backend-tls',
  'client-failures',
  'failover',
  'health-check',
  'log-sessions',
  'mail-variables',
  'certificate-names',
  'log-tls',
  'mail-listen',
  'mail-pass',
  'mail-pass-access',
  'mail-pass-hostile',
  'mail-pass-large',
  'hazard-backend',
  'hazard-injection',
  'hazard-proxy-header',
  'resumption',
  'upgrade',
  'upstream',
];
/** A file that takes longer has got stuck. */
const HANGS_MS = 180_000;
const DEFAULT_FOLDERS = ['unit', 'loopback'];
const STREAMS_FOLDERS = ['unit', 'loopback', 'http'];
/** Set in the environment of every process of the run, so that one left behind can be told from others. */
const MARK = 'POSTERN_TEST_RUN';

const here = dirname(fileURLToPath(import.meta.url));

function testFiles(folder: string): string[] {
  const dir = join(here, folder);
  if (!existsSync(dir)) return [];
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => join(dir, name))
    .sort();
}

/** Processes that carry the mark or belong to the session of the test runner; none where /proc is missing. */
function leftBehind(mark: string, session: number): string[] {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .flatMap((pid) => {
      const stat = readProc(`/proc/${pid}/stat`);
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // state, ppid, pgrp, session, ...
      if (fields[0] === 'Z') return [];
      const ours = fields[3] === String(session) || readProc(`/proc/${pid}/environ`).includes(`${MARK}=${mark}\0`);
      return ours ? [`${pid} ${readProc(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`] : [];
    });
}

/** Empty when the process has gone or is not ours to look at. */
function readProc(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', multiple: true, default: [] },
    concurrency: { type: 'string', default: String(AT_ONCE) },
    streams: { type: 'boolean', default: false },
  },
});
const folders = positionals.length > 0 ? positionals : values.streams ? STREAMS_FOLDERS : DEFAULT_FOLDERS;
const isNamed = (file: string): boolean =>
  values.only.length === 0 || values.only.some((part) => relative(here, file).includes(part));
const isWanted = (file: string): boolean =>
  isNamed(file) && (!values.streams || OVER_STREAMS.includes(basename(file, '.test.js')));
const files = folders.flatMap(testFiles).filter(isWanted);
if (files.length === 0) {
  process.stderr.write(`no test files in ${folders.join(', ')}\n`);
  process.exit(1);
}

/**
 * Most tests are small: a process for each file would cost more than the tests. node:test runs files in the order of
 * their names: what takes longest comes first, so that none is left to run alone.
 */
function batched(all: readonly string[]): string[] {
  const alone = ALONE.flatMap((name) => all.filter((file) => basename(file) === `${name}.test.js`));
  const small = all.filter((file) => !alone.includes(file));
  const batches = Array.from({ length: BATCHES }, (_, i) => small.filter((_file, n) => n % BATCHES === i));
  const [longest, ...others] = alone.map((file) => [file]);
  const dir = join(here, '.batches');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir);
  return [...(longest === undefined ? [] : [longest]), ...batches, ...others].map((batch, i) => {
    const name = join(dir, `${String(i).padStart(2, '0')}.test.js`);
    writeFileSync(name, batch.map((file) => `import ${JSON.stringify(file)};\n`).join(''));
    return name;
  });
}

const mark = `${process.pid}.${Date.now()}`;
const batches = positionals.length === 0 && values.only.length === 0 ? batched(files) : files;
const timeout = folders.includes('long') ? [] : [`--test-timeout=${HANGS_MS}`];
const runner = spawn(process.execPath, ['--test', `--test-concurrency=${values.concurrency}`, ...timeout, ...batches], {
  stdio: 'inherit',
  detached: true, // a session of its own, by which what it leaves behind is found
  env: { ...process.env, ...(values.streams ? { POSTERN_TEST_TRANSPORT: 'net' } : {}), [MARK]: mark },
});
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => process.kill(-(runner.pid ?? 0), name));
}
runner.once('close', (code) => {
  const left = leftBehind(mark, runner.pid ?? -1);
  for (const line of left) {
    process.stderr.write(`left behind: ${line}\n`);
    process.kill(Number(line.split(' ')[0]), 'SIGKILL');
  }
  process.exitCode = left.length > 0 ? 1 : (code ?? 1);
});
