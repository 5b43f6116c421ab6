// What a process and its children use, from /proc: resident memory, descriptors, processor time.
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { cpuMs } from '../support/cpu-time.ts';

export const MIB = 1024 * 1024;
const POLL_MS = 100;
/** Next to no processor time for so long: nothing is being worked on. */
const IDLE_MS = 500;
const IDLE_USES_MS = 10;

/** The process and all that it started, and those. */
export function processTree(pid: number): readonly number[] {
  const tasks = unlessGone(() => readdirSync(`/proc/${pid}/task`)) ?? [];
  const children = tasks.flatMap((task) => unlessGone(() => childrenOf(pid, task)) ?? []);
  return [pid, ...children.flatMap(processTree)];
}

function childrenOf(pid: number, task: string): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
}

function sum(pid: number, one: (pid: number) => number): number {
  return processTree(pid).reduce((total, member) => total + (unlessGone(() => one(member)) ?? 0), 0);
}

/** A process may end between two looks at it. */
function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return;
    throw error;
  }
}

/** Resident memory in bytes; with `Pss` what processes share counts once. */
export function residentMemory(pid: number, kind: 'Rss' | 'Pss' = 'Rss'): number {
  return sum(pid, (member) => {
    const rollup = readFileSync(`/proc/${member}/smaps_rollup`, 'latin1');
    return Number(new RegExp(`^${kind}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1]) * 1024;
  });
}

export function openDescriptors(pid: number): number {
  return sum(pid, (member) => readdirSync(`/proc/${member}/fd`).length);
}

/** Used so far, in milliseconds. */
export function processorTime(pid: number): number {
  return sum(pid, cpuMs);
}

/** Looks again and again. @returns whether it came true within `ms` */
export async function becomesTrue(condition: () => boolean, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await delay(POLL_MS)) {
    if (condition()) return true;
  }
  return condition();
}

/** Waits until it has nothing left to work on. Rejects when that takes more than a minute. */
export async function becomesIdle(pid: number): Promise<void> {
  let last = -1;
  let since = 0;
  const idle = (): boolean => {
    const used = Math.floor(processorTime(pid) / IDLE_USES_MS);
    if (used !== last) since = Date.now();
    last = used;
    return Date.now() - since >= IDLE_MS;
  };
  if (!(await becomesTrue(idle, 60_000))) throw new Error(`process ${pid} is still at work after a minute`);
}

const MEASURE_MS = 1000;

/** What part of the machine is at work, 0 to 1, over a second. */
export async function machineLoad(): Promise<number> {
  const [busyBefore, totalBefore] = processorTimes();
  await delay(MEASURE_MS);
  const [busy, total] = processorTimes();
  return (busy - busyBefore) / (total - totalBefore);
}

/** Of all processors since the start, in milliseconds. */
export function processorTimes(): readonly [busy: number, total: number] {
  const times = cpus().map((cpu) => cpu.times);
  const total = times.flatMap((each) => Object.values(each)).reduce((sum, ms) => sum + ms, 0);
  return [times.reduce((rest, { idle }) => rest - idle, total), total];
}

/** Bytes as MiB. */
export const mib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;
