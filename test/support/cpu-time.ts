// Processor time of processes, from /proc (proc(5)).
import { readdirSync, readFileSync } from 'node:fs';

/** Length of a tick of utime and stime on Linux, in milliseconds. */
const TICK_MS = 10;

/** User and system time of a process so far, in milliseconds; to the microsecond where the kernel tells. */
export function cpuMs(pid: number): number {
  return scheduledMs(pid) ?? tickedMs(pid);
}

/** Threads that have ended do not count. */
function scheduledMs(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ')[0]) / 1e6)
      .reduce((sum, ms) => sum + ms, 0);
  } catch {
    return undefined;
  }
}

function tickedMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
