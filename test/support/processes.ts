// Processes as /proc shows them: what they are called, what they have open, and when they are gone.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Scope } from './cleanup.ts';
import { PATIENCE_MS } from './in-time.ts';

const POLL_MS = 5;

/** Empty when the process has gone or is not ours to look at. */
export function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}

/** What it is called in lists of processes. */
export const titleOf = (pid: number): string => readProc(pid, 'cmdline').replaceAll('\0', ' ').trimEnd();

/** The value of a line of /proc/PID/status. */
export function statusOf(pid: number, name: string): string | undefined {
  return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(readProc(pid, 'status'))?.[1];
}

/** The state, the parent, the group, the session and what follows in proc(5). */
export function statOf(pid: number): readonly string[] {
  const stat = readProc(pid, 'stat');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

export function isRunning(pid: number): boolean {
  const [state = ''] = statOf(pid);
  return state !== '' && state !== 'Z';
}

/** Waits until a condition holds that nothing tells of. */
export async function until(condition: () => boolean, what: string, ms = PATIENCE_MS): Promise<void> {
  for (const end = Date.now() + ms; !condition(); await delay(POLL_MS)) {
    if (Date.now() > end) throw new Error(`${what} did not come in time`);
  }
}

/** Waits until none of the processes runs any more; they need not be children of this one. */
export function gone(...pids: readonly number[]): Promise<void> {
  return until(() => !pids.some(isRunning), `the end of ${pids.join(', ')}`);
}

/** Processes that have a file in the folder open, as all do that log there. */
export function processesOf(folder: string): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => isRunning(pid) && descriptorsOf(pid).some((to) => to.startsWith(folder)));
}

/** What its descriptors lead to. */
export function descriptorsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return ''; // closed meanwhile
      }
    });
  } catch {
    return [];
  }
}

/** At the end of the scope no process with a file in the folder may be left; what is left is killed. */
export function leavesNothing(scope: Scope, folder: string): void {
  scope.after(() => {
    const left = processesOf(folder).map((pid) => `${pid} ${titleOf(pid)}`);
    for (const line of left) process.kill(Number.parseInt(line, 10), 'SIGKILL');
    assert.deepEqual(left, [], 'processes that were left behind');
  });
}

/** Ends the process that the pid file names, if there is one. @param except but not this one */
export async function stopByPidFile(path: string, except = 0): Promise<void> {
  const pid = existsSync(path) ? Number(readFileSync(path, 'latin1')) : 0;
  if (pid === 0 || pid === except || !isRunning(pid)) return;
  process.kill(pid, 'SIGTERM');
  await gone(pid);
}

/** Whether anybody listens on the address, as /proc/net/tcp has it. */
export function listens(host: string, port: number): boolean {
  const address = host
    .split('.')
    .reverse()
    .map((part) => Number(part).toString(16).padStart(2, '0'));
  const local = `${address.join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
  return new RegExp(`: ${local} 00000000:0000 0A `).test(readFileSync('/proc/net/tcp', 'latin1'));
}
