// What a trial of endurance is: how long, and what comes of it.
import type { Scope } from '../../support/cleanup.ts';
import type { Bench } from '../bench.ts';

export interface Length {
  readonly minutes: number;
  readonly sessions: number;
  readonly logins: number;
}

/** What it starts ends with the scope. @returns what is wrong; empty: nothing */
export type Trial = (bench: Bench, scope: Scope, length: Length) => Promise<readonly string[]>;
