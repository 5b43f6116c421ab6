// A group of rows that are measured together.
import type { Scope } from '../../support/cleanup.ts';
import type { Bench } from '../bench.ts';

export interface Workload {
  readonly name: string;
  /** Rows that it may fill. */
  readonly rows: readonly string[];
  /** What it starts ends with the scope. `wants` says whether a row was asked for. */
  readonly run: (bench: Bench, scope: Scope, wants: (row: string) => boolean) => Promise<void>;
}
