// Runs the mail tests of nginx's or freenginx's public test suite, unmodified. The suites are no part of this project.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../support/target.ts';

/** What each round adds to the main context of every configuration. */
const ROUNDS = ['', 'worker_processes 2;'];
/** A round takes about a minute. */
const LIMIT_MS = 600_000;

const { values } = parseArgs({
  options: {
    suite: { type: 'string', default: process.env.POSTERN_NGINX_TESTS ?? '' },
    only: { type: 'string', default: '' },
    times: { type: 'string', default: '1' },
  },
});

function skip(why: string): never {
  process.stdout.write(`nginx's mail tests are skipped: ${why}\n`);
  process.exit(process.env.POSTERN_REQUIRE_NGINX_TESTS === '1' ? 1 : 0);
}

const hasPerl = (code: string): boolean => spawnSync('perl', ['-e', code], { stdio: 'ignore' }).status === 0;

if (values.suite === '') skip('name a checkout of them with --suite or in POSTERN_NGINX_TESTS');
const suite = resolve(values.suite);
if (!existsSync(join(suite, 'lib/Test/Nginx.pm'))) skip(`${suite} is no checkout of nginx-tests`);
if (!hasPerl('use Test::More; use IO::Socket::SSL;')) skip('Perl or its IO::Socket::SSL is not installed');
const files = readdirSync(suite).filter((name) => /^mail_.*\.t$/.test(name) && name.includes(values.only));
if (files.length === 0) skip('no file has such a name');

let failed = false;
for (let time = 1; time <= Number(values.times); time++) {
  for (const globals of ROUNDS) {
    process.stdout.write(`round ${time}, ${globals === '' ? 'one worker' : globals}\n`);
    const { status, stdout, stderr } = spawnSync('prove', files, {
      cwd: suite,
      encoding: 'utf8',
      timeout: LIMIT_MS,
      env: { ...process.env, TEST_NGINX_BINARY: join(ROOT, 'bin/postern.cjs'), TEST_NGINX_GLOBALS: globals },
    });
    process.stdout.write(stdout);
    if (status !== 0) process.stderr.write(stderr);
    failed ||= status !== 0;
    for (const line of stdout.split('\n')) {
      const [, file, why] = /^(\S+)\s*\.+ skipped: (.*)$/.exec(line) ?? [];
      if (file !== undefined) process.stdout.write(`skipped as a whole: ${file}: ${why}\n`);
    }
  }
}
process.exitCode = failed ? 1 : 0;
