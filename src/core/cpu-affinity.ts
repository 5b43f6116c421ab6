// The worker_cpu_affinity directive: its masks are checked as nginx checks them.
import { args, type ByteString, type Directive, Fault, whole } from '../conf/directive.ts';

export interface CpuAffinity {
  readonly auto: boolean;
  readonly masks: readonly ByteString[];
}

/** What a struct needs to take the directive. */
export interface HasCpuAffinity {
  cpuAffinity: CpuAffinity | undefined;
}

const NAME = 'worker_cpu_affinity';
const MAX_CPUS = 1024;

export const cpuAffinityDirective: Directive<HasCpuAffinity> = {
  name: NAME,
  contexts: ['main'],
  arity: args(1, Number.POSITIVE_INFINITY),
  doc: {
    syntax: 'worker_cpu_affinity mask ... | auto [mask];',
    summary: 'The processors that each worker process may run on, one bit each.',
  },
  set: (_cf, values, conf) => {
    if (conf.cpuAffinity !== undefined) return new Fault('is duplicate');
    const auto = values[0] === 'auto';
    if (auto && values.length > 2) return whole(`invalid number of arguments in "${NAME}" directive`);
    const masks = auto ? values.slice(1) : values;
    for (const mask of masks) {
      if (mask.length > MAX_CPUS) return whole(`"${NAME}" supports up to ${MAX_CPUS} CPUs only`);
      // nginx reads a mask from its end.
      const bad = [...mask].findLast((digit) => !'01 '.includes(digit));
      if (bad !== undefined) return whole(`invalid character "${bad}" in "${NAME}"`);
    }
    conf.cpuAffinity = { auto, masks };
    return undefined;
  },
};

/** The warning where workers and masks do not match. */
export function affinityWarning(affinity: CpuAffinity | undefined, workerProcesses: number): ByteString | undefined {
  if (affinity === undefined || affinity.auto) return undefined;
  const { length } = affinity.masks;
  if (length === 1 || length === workerProcesses) return undefined;
  return `the number of "worker_processes" is not equal to the number of "${NAME}" masks, using last mask for remaining worker processes`;
}
