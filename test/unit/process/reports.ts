// Takes what would go to the log, as `LEVEL TEXT`.
import { Level } from '../../../src/core/log.ts';
import type { Report } from '../../../src/process/cycle-logs.ts';

export interface Reports {
  readonly report: Report;
  readonly said: readonly string[];
}

export function collectReports(): Reports {
  const said: string[] = [];
  const report: Report = (level, text) => {
    const name = Object.entries(Level).find(([, value]) => value === level)?.[0];
    said.push(`${name} ${text}`);
  };
  return { report, said };
}
