// Prints verdicts of the differential test and counts them.
import { latin1, show } from '../support/bytes.ts';
import type { Case } from './case.ts';
import type { ConfigVerdict } from './config-test.ts';
import type { Verdict } from './contest.ts';
import type { HttpVerdict } from './http/contest.ts';
import type { Observation } from './observation.ts';

export class Report {
  readonly #verbose: boolean;
  #sessions = 0;
  #exchanges = 0;
  #configurations = 0;
  #different = 0;
  #unstable = 0;

  /** @param verbose prints what the left side did in each case. */
  constructor(verbose: boolean) {
    this.#verbose = verbose;
  }

  session({ case: kase, left, differences, unstable }: Verdict): void {
    this.#sessions++;
    if (this.#verbose) print([`case ${kase.name}`, ...transcript(left)]);
    if (unstable.length > 0) {
      this.#unstable++;
      print([`UNSTABLE ${kase.name}`, ...unstable]);
    }
    this.#count(kase.name, differences.length === 0 ? [] : [...described(kase), ...differences]);
  }

  exchange({ name, case: kase, left, differences, unstable }: HttpVerdict): void {
    this.#exchanges++;
    const seen = [...left.answers, left.ending, ...left.backend, ...left.access, ...left.error];
    if (this.#verbose) print([`case ${name}`, ...seen.map((text) => `  ${show(latin1(text))}`)]);
    if (unstable.length > 0) {
      this.#unstable++;
      print([`UNSTABLE ${name}`, ...unstable]);
    }
    this.#count(name, differences.length === 0 ? [] : [`  case ${JSON.stringify(kase)}`, ...differences]);
  }

  configuration({ name, left, differences }: ConfigVerdict): void {
    this.#configurations++;
    if (this.#verbose) print([`config ${name}`, ...left.stderr.trimEnd().split('\n')]);
    this.#count(`configuration ${name}`, differences);
  }

  /** Prints the sums. @returns whether everything was the same on both sides */
  finish(): boolean {
    print([
      `${this.#sessions} sessions, ${this.#exchanges} http cases and ${this.#configurations} configurations: ` +
        `${this.#different} different, ${this.#unstable} unstable`,
    ]);
    return this.#different === 0 && this.#sessions + this.#exchanges + this.#configurations > 0;
  }

  #count(name: string, differences: readonly string[]): void {
    if (differences.length === 0) return;
    this.#different++;
    print([`DIFFERENT ${name}`, ...differences]);
  }
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** The case as it can be put into a table of cases. */
function described(kase: Case): string[] {
  const plain = {
    protocol: kase.protocol,
    conf: kase.conf,
    listen: kase.listen,
    steps: kase.steps,
    auth: kase.auth,
    backend: kase.backend,
  };
  return [
    `  case ${JSON.stringify(plain).replace(/[^\x20-\x7e]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}`,
  ];
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
