// Processor time of a process, from /proc (proc(5)).
import { readFileSync } from 'node:fs';

/** Length of a tick of utime and stime on Linux, in milliseconds. */
const TICK_MS = 10;

/** User and system time so far, in milliseconds. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
