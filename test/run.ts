// Runs compiled test files by folder with node:test, two at a time, and fails if a test leaves a process behind.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** Test files that run at the same time: the machines of CI have two cores. */
const AT_ONCE = 2;
const BATCHES = 4;
/** A file that takes longer has got stuck. */
const HANGS_MS = 180_000;
const DEFAULT_FOLDERS = ['unit', 'loopback'];
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
  options: { only: { type: 'string', default: '' }, concurrency: { type: 'string', default: String(AT_ONCE) } },
});
const folders = positionals.length > 0 ? positionals : DEFAULT_FOLDERS;
const files = folders.flatMap(testFiles).filter((file) => file.includes(values.only));
if (files.length === 0) {
  process.stderr.write(`no test files in ${folders.join(', ')}\n`);
  process.exit(1);
}

/** Unit tests are many and small: a process for each file would cost more than the tests. */
function batched(all: readonly string[]): string[] {
  const unit = all.filter((file) => file.startsWith(join(here, 'unit')));
  const dir = join(here, '.batches');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir);
  const batches = Array.from({ length: Math.min(BATCHES, unit.length) }, (_, i) => {
    const name = join(dir, `unit-${i + 1}.test.js`);
    const mine = unit.filter((_file, n) => n % BATCHES === i);
    writeFileSync(name, mine.map((file) => `import ${JSON.stringify(file)};\n`).join(''));
    return name;
  });
  return [...all.filter((file) => !unit.includes(file)), ...batches];
}

const mark = `${process.pid}.${Date.now()}`;
const batches = values.only === '' ? batched(files) : files;
const timeout = folders.includes('long') ? [] : [`--test-timeout=${HANGS_MS}`];
const runner = spawn(process.execPath, ['--test', `--test-concurrency=${values.concurrency}`, ...timeout, ...batches], {
  stdio: 'inherit',
  detached: true, // a session of its own, by which what it leaves behind is found
  env: { ...process.env, [MARK]: mark },
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
