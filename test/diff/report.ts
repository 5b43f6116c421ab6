// Prints verdicts of the differential test and counts them.
import { latin1, show } from '../support/bytes.ts';
import type { Verdict } from './contest.ts';
import type { Observation } from './observation.ts';

export interface Report {
  told(verdict: Verdict): void;
  /** Prints the sums. @returns whether all cases were the same on both sides */
  finish(): boolean;
}

/** @param verbose prints what the left side did in each case. */
export function report(verbose: boolean): Report {
  let total = 0;
  let different = 0;
  let unstable = 0;
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  return {
    told(verdict) {
      total++;
      if (verbose) print([`case ${verdict.case.name}`, ...transcript(verdict.left)].join('\n'));
      if (verdict.unstable.length > 0) {
        unstable++;
        print([`UNSTABLE ${verdict.case.name}`, ...verdict.unstable].join('\n'));
      }
      if (verdict.differences.length > 0) {
        different++;
        print([`DIFFERENT ${verdict.case.name}`, ...verdict.differences].join('\n'));
      }
    },
    finish() {
      print(`${total} cases, ${different} different, ${unstable} unstable`);
      return different === 0 && total > 0;
    },
  };
}

function transcript(seen: Observation): string[] {
  const block = (title: string, texts: readonly string[]): string[] =>
    texts.map((text) => `  ${title} ${show(latin1(text))}`);
  return [
    ...block('client ', seen.client.split(/(?<=\n)/)),
    `  closed  ${seen.closing}`,
    ...block('TROUBLE', seen.trouble),
    ...seen.auth.flatMap((request) => block('auth   ', request.split(/(?<=\n)/))),
    ...seen.backend.flatMap((bytes) => block('backend', bytes.split(/(?<=\n)/))),
    ...block('log    ', seen.log),
  ];
}
