// Where things are when the command line does not say.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { type TestContext, test } from 'node:test';
import { type Options, parseOptions } from '../../../src/cli/options.ts';
import { defaults, type Paths, resolvePaths } from '../../../src/cli/paths.ts';

/** @param missing what Debian's packages bring and others do not */
function systemHasNginx(t: TestContext, has: boolean, missing = ''): void {
  t.mock.method(fs, 'existsSync', (path: string) => has && path !== missing);
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
}

function paths(...argv: readonly string[]): Paths {
  const options: Options | string = parseOptions(argv);
  assert.ok(typeof options !== 'string', `${options}`);
  return resolvePaths(options);
}

const SYSTEM: Paths = {
  prefix: '/etc/nginx/',
  file: '/etc/nginx/nginx.conf',
  confPrefix: '/etc/nginx/',
  errorLog: '/var/log/nginx/error.log',
  pid: '/run/nginx.pid',
  bodyFolder: '/var/lib/nginx/body',
};

const under = (prefix: string): Paths => ({
  prefix,
  file: `${prefix}conf/nginx.conf`,
  confPrefix: `${prefix}conf/`,
  errorLog: `${prefix}logs/error.log`,
  pid: `${prefix}logs/nginx.pid`,
  bodyFolder: `${prefix}client_body_temp`,
});

test('without -p, on a machine that has an nginx.conf, everything is where its packages put it', (t) => {
  systemHasNginx(t, true);
  assert.deepEqual(paths(), SYSTEM);
  assert.equal(defaults(undefined).prefix, '/etc/nginx/');
});

test('bodies of requests go where the packages that are installed have them', (t) => {
  systemHasNginx(t, true, '/var/lib/nginx');
  assert.equal(paths().bodyFolder, '/var/cache/nginx/client_temp');
});

test('without -p, on any other machine, everything is under a prefix of its own', (t) => {
  systemHasNginx(t, false);
  assert.deepEqual(paths(), under('/usr/local/nginx/'));
});

test('with -p everything is under it, whatever the machine has', (t) => {
  systemHasNginx(t, true);
  assert.deepEqual(paths('-p', '/srv/mail'), under('/srv/mail/'));
  assert.deepEqual(paths('-p', '/srv/mail/'), under('/srv/mail/'));
  assert.deepEqual(paths('-p', 'rel'), under('rel/'), 'relative to the working directory');
  assert.deepEqual(paths('-p', ''), under(''));
});

test('-c is relative to the prefix, and its directory is the base of what it names', () => {
  const at = (file: string): readonly string[] => {
    const { file: path, confPrefix } = paths('-p', '/p', '-c', file);
    return [path, confPrefix];
  };
  assert.deepEqual(at('x.conf'), ['/p/x.conf', '/p/']);
  assert.deepEqual(at('a/b/x.conf'), ['/p/a/b/x.conf', '/p/a/b/']);
  assert.deepEqual(at('/etc/x.conf'), ['/etc/x.conf', '/etc/']);
  assert.deepEqual(at('../x.conf'), ['/p/../x.conf', '/p/../'], 'as it was written');
});

test('-c alone leaves the rest where the machine has it', (t) => {
  systemHasNginx(t, true);
  assert.deepEqual(paths('-c', '/x/y.conf'), { ...SYSTEM, file: '/x/y.conf', confPrefix: '/x/' });
});

test('-e is relative to the prefix; stderr and nothing are stderr', () => {
  const log = (name: string): string => paths('-p', '/p', '-e', name).errorLog;
  assert.equal(log('x.log'), '/p/x.log');
  assert.equal(log('/x.log'), '/x.log');
  assert.equal(log('stderr'), 'stderr');
  assert.equal(log(''), 'stderr');
  assert.equal(log('./stderr'), '/p/./stderr');
});
