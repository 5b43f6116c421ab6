// Going to the background (daemon on): Node.js cannot fork, so the same command is started again with the sockets.
import { closeSync, openSync } from 'node:fs';
import type { ByteString } from '../../conf/directive.ts';
import { STDERR, STDOUT } from '../../core/log-sinks/log-descriptor.ts';
import type { BoundSocket } from '../../net/listen/bind.ts';
import type { CycleLogs } from '../cycle-logs.ts';
import { INHERITED, inheritedValue } from './inherited.ts';

/** stdin, stdout, stderr and the IPC channel come first. */
const FIRST_FD = 4;
/** Tells the child that it is the daemon, whatever the configuration says. */
export const DAEMON = 'POSTERN_DAEMON';

/**
 * Starts the daemon and waits until it serves: who gets exit code 0 can connect.
 * @param logs of the configuration: where they are standard streams, these are the daemon's as well
 * @returns the exit code of this process
 */
export async function background(sockets: readonly BoundSocket[], logs: CycleLogs): Promise<number> {
  const { files, streams } = logs;
  const stderr = streams.has(STDERR) ? 'inherit' : openStderr(files.paths[0]);
  const fds = sockets.map((_, i) => FIRST_FD + i);
  const { spawn } = process.getBuiltinModule('node:child_process');
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: [
      'ignore',
      streams.has(STDOUT) ? 'inherit' : 'ignore',
      stderr,
      'ipc',
      ...sockets.map(({ handle }) => handle.fd),
    ],
    env: { ...process.env, [DAEMON]: '1', [INHERITED]: inheritedValue(fds) },
    detached: true,
  });
  if (typeof stderr === 'number') closeSync(stderr);
  return await new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
    child.once('message', () => {
      child.disconnect();
      child.unref();
      resolve(0);
    });
  });
}

/** What goes to standard error is nobody's record; the first log takes it. */
function openStderr(path: ByteString | undefined): number | 'ignore' {
  if (path === undefined) return 'ignore';
  try {
    return openSync(Buffer.from(path, 'latin1'), 'a', 0o644);
  } catch {
    return 'ignore';
  }
}

/** The daemon's word to the process that started it. */
export function sayServing(): void {
  if (process.connected) process.send?.('serving', undefined, undefined, () => process.disconnect());
}
