// Sockets that the command is started with: by systemd (LISTEN_FDS), or by an older version (NGINX).
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import net from 'node:net';
import { describe, test } from 'node:test';
import { Daemon, GREETING } from '../support/daemon.ts';
import { postern } from '../support/target.ts';
import { connect } from '../support/wire.ts';

/** `$$` is the shell's, which becomes the command. */
const AS_SYSTEMD = ['-c', 'LISTEN_PID=$$ exec "$@"', 'sh'];
const AS_ANOTHER = ['-c', 'LISTEN_PID=1 exec "$@"', 'sh'];

interface StartOptions {
  readonly launcher?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Become 3, 4, … */
  readonly fds?: readonly number[];
}

interface Started {
  readonly child: ChildProcess;
  /** Code and signal. */
  readonly exited: Promise<readonly unknown[]>;
}

/** Starts the command in the foreground, or what `main` of the configuration says; resolves when there is a pid file. */
async function start(daemon: Daemon, { launcher = [], env = {}, fds = [] }: StartOptions): Promise<Started> {
  const command = [postern.command, ...postern.args, '-p', daemon.folder.dir];
  const [program = '', ...args] = launcher.length === 0 ? command : ['/bin/sh', ...launcher, ...command];
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'ignore', ...fds],
  });
  const exited = once(child, 'exit');
  await daemon.file('logs/nginx.pid').wait(/^\d+\n/);
  return { child, exited };
}

/** A socket that was bound by somebody else: only its descriptor is of use. */
function boundSocket(daemon: Daemon, host: string, port: number): number {
  const handle = net._createServerHandle(host, port, 4);
  assert.ok(typeof handle === 'object');
  assert.equal(handle.getsockname?.({}), 0);
  daemon.scope.after(() => handle.close());
  return handle.fd;
}

function boundUnixSocket(daemon: Daemon, path: string): number {
  const handle = net._createServerHandle(path, -1, -1);
  assert.ok(typeof handle === 'object');
  daemon.scope.after(() => handle.close());
  return handle.fd;
}

describe('LISTEN_FDS', { concurrency: 3 }, () => {
  for (const main of ['daemon on;', 'daemon off; master_process off;']) {
    test(`sockets of systemd are taken by their addresses, in any order: ${main}`, async (t) => {
      const daemon = await Daemon.prepare(t, main);
      const { host, port } = daemon;
      const path = daemon.path('imap.sock');
      const fds = [boundUnixSocket(daemon, path), boundSocket(daemon, host, port)];
      const { child } = await start(daemon, { launcher: AS_SYSTEMD, env: { LISTEN_FDS: '2' }, fds });
      assert.equal(daemon.pid, child.pid, 'it stays in the foreground, as with the sockets of an older version');
      const wires = [await connect({ host, port }), await connect({ path })];
      for (const wire of wires) {
        await wire.expectLine(GREETING);
        wire.destroy();
      }
      assert.doesNotMatch(daemon.log.text(), /\[(?:emerg|crit|alert|error)\]|try again/);
    });
  }

  test('a socket that the configuration does not name is closed', async (t) => {
    const daemon = await Daemon.prepare(t, 'daemon off;');
    const server = net.createServer();
    server.listen(0, daemon.host);
    await once(server, 'listening');
    const at = server.address();
    assert.ok(at !== null && typeof at === 'object');
    const probe = { host: daemon.host, port: at.port };
    const fds = [server._handle?.fd ?? -1];
    const { child, exited } = await start(daemon, { launcher: AS_SYSTEMD, env: { LISTEN_FDS: '1' }, fds });
    server.close();
    await once(server, 'close');
    await assert.rejects(connect(probe), { code: 'ECONNREFUSED' });
    assert.equal(await daemon.capability(), 'ONE');
    child.kill('SIGTERM');
    assert.deepEqual(await exited, [0, null]);
  });

  test('they are not for a process that inherited the variables by accident', async (t) => {
    const daemon = await Daemon.prepare(t, 'daemon off;');
    const other = boundSocket(daemon, daemon.host, 0);
    const { child, exited } = await start(daemon, { launcher: AS_ANOTHER, env: { LISTEN_FDS: '1' }, fds: [other] });
    assert.equal(await daemon.capability(), 'ONE');
    child.kill('SIGTERM');
    assert.deepEqual(await exited, [0, null]);
    assert.equal(existsSync(daemon.path('imap.sock')), false);
  });
});

test('NGINX names sockets of an older version; what it says wrong is reported, and the rest of it left alone', async (t) => {
  const daemon = await Daemon.prepare(t, 'daemon on;');
  const fds = [boundSocket(daemon, daemon.host, daemon.port)];
  const { child, exited } = await start(daemon, { env: { NGINX: '3:99;x;5' }, fds });
  assert.equal(daemon.pid, child.pid, 'it stays in the foreground');
  assert.deepEqual(daemon.said(daemon.pid).slice(0, 4), [
    '[notice] using inherited sockets from "3:99;x;5"',
    '[emerg] invalid socket number "5" in NGINX environment variable, ignoring',
    '[emerg] invalid socket number "x" in NGINX environment variable, ignoring the rest of the variable',
    '[crit] getsockname() of the inherited socket #99 failed (9: Bad file descriptor)',
  ]);
  assert.equal(await daemon.capability(), 'ONE');
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
});
