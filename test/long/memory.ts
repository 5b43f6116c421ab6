// What a process and its children hold, from /proc: resident memory and descriptors.
import { readdirSync, readFileSync } from 'node:fs';

/** The process and all that it started, those included. */
export function processTree(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(processTree)];
}

/** Resident bytes of the tree. */
export function residentBytes(pid: number): number {
  let kib = 0;
  for (const member of processTree(pid)) {
    const rollup = readFileSync(`/proc/${member}/smaps_rollup`, 'latin1');
    kib += Number(/^Rss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? Number.NaN);
  }
  return kib * 1024;
}

/** Open descriptors of the tree. */
export function openDescriptors(pid: number): number {
  let count = 0;
  for (const member of processTree(pid)) count += readdirSync(`/proc/${member}/fd`).length;
  return count;
}
