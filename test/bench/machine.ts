// The machine of a run, the versions that were compared, and whether somebody else used the machine meanwhile.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { processorTimes } from '../long/usage.ts';
import { nginx, ROOT } from '../support/target.ts';

export interface Machine {
  readonly processor: string;
  readonly processors: number;
  readonly memoryGib: number;
  readonly system: string;
  readonly node: string;
  readonly openssl: string;
  readonly postern: string;
  /** Undefined where it is not installed. */
  readonly nginx: string | undefined;
  /** The part of the machine, 0 to 1, that others used while the benchmark ran. */
  readonly others: number;
}

export function describeMachine(others: number): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? 'unknown',
    processors: processors.length,
    memoryGib: Math.round(totalmem() / 1024 ** 3),
    system: `${process.platform} ${release()}`,
    node: process.versions.node,
    openssl: process.versions.openssl,
    postern: posternVersion(),
    nginx: nginxVersion(),
    others,
  };
}

function posternVersion(): string {
  return /"version": "([^"]+)"/.exec(readFileSync(join(ROOT, 'package.json'), 'utf8'))?.[1] ?? 'unknown';
}

function nginxVersion(): string | undefined {
  if (nginx.missing() !== undefined) return undefined;
  const { stderr } = spawnSync(nginx.command, ['-V'], { encoding: 'utf8' });
  const version = /nginx\/(\S+)/.exec(stderr)?.[1] ?? 'unknown';
  const openssl = /OpenSSL (\S+)/.exec(stderr)?.[1];
  return openssl === undefined ? version : `${version} (OpenSSL ${openssl})`;
}

/** Watches the machine from now on. */
export class Watch {
  readonly #since = processorTimes();
  readonly #ours = ownTime();

  /** To be asked when all that this process started has ended: only then its time is known. */
  others(): number {
    const [busyBefore, totalBefore] = this.#since;
    const [busy, total] = processorTimes();
    const others = busy - busyBefore - (ownTime() - this.#ours);
    return total === totalBefore ? 0 : Math.max(0, others / (total - totalBefore));
  }
}

const TICK_MS = 10;

/** Of this process and of those of its children that have ended, in milliseconds: utime to cstime of proc(5). */
function ownTime(): number {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_MS;
  } catch {
    return 0;
  }
}
