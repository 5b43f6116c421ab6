// Limits and processors of a worker, which Node.js has no calls for: the programs prlimit and taskset set them.
import { cpus } from 'node:os';
import type { CoreConf } from '../../core/core-module.ts';
import { errnoOf, errnoSuffix, systemError } from '../../core/errno.ts';
import { Level } from '../../core/log.ts';
import type { Report } from '../cycle-logs.ts';

/** @param slot counts the workers of a generation from 0 */
export function applyLimits(pid: number, slot: number, conf: CoreConf, report: Report): void {
  const { rlimitNofile, rlimitCore } = conf;
  if (rlimitNofile !== undefined) {
    const call = `setrlimit(RLIMIT_NOFILE, ${rlimitNofile})`;
    run('prlimit', [`--pid=${pid}`, `--nofile=${rlimitNofile}:${rlimitNofile}`], call, report);
  }
  if (rlimitCore !== undefined) {
    const call = `setrlimit(RLIMIT_CORE, ${rlimitCore})`;
    run('prlimit', [`--pid=${pid}`, `--core=${rlimitCore}:${rlimitCore}`], call, report);
  }
  const mask = affinityMask(slot, conf);
  if (mask !== undefined) run('taskset', ['-p', mask, String(pid)], 'sched_setaffinity()', report);
}

/** Hexadecimal, as taskset takes it. */
function affinityMask(slot: number, { affinity }: CoreConf): string | undefined {
  if (affinity === undefined) return undefined;
  const { auto, masks } = affinity;
  if (!auto) {
    const bits = masks[Math.min(slot, masks.length - 1)];
    return bits === undefined ? undefined : BigInt(`0b${bits.replaceAll(' ', '') || '0'}`).toString(16);
  }
  const allowed = [...(masks[0] ?? '1'.repeat(cpus().length))].reverse();
  const processors = allowed.flatMap((bit, i) => (bit === '1' ? [i] : []));
  const processor = processors[slot % Math.max(1, processors.length)];
  return processor === undefined ? undefined : (1n << BigInt(processor)).toString(16);
}

function run(program: string, args: readonly string[], call: string, report: Report): void {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { error, status, stderr } = spawnSync(program, args, {
    encoding: 'latin1',
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (error !== undefined) {
    const why = errnoSuffix(systemError(error)?.errno ?? 0);
    report(Level.alert, `${call} failed: the program ${program} cannot be run${why}`);
  } else if (status !== 0) {
    // It ends with what the system said: `prlimit: failed to set the … limit: Operation not permitted`.
    const text = stderr.trim();
    const errno = errnoOf(text.slice(text.lastIndexOf(': ') + 2));
    report(Level.alert, errno === undefined ? `${call} failed: ${text}` : `${call} failed${errnoSuffix(errno)}`);
  }
}
