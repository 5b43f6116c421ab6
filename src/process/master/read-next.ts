// Reads the configuration anew, for a reload: whatever is wrong with it is said in the log, and ends nothing.
import { at, ConfError } from '../../conf/directive.ts';
import { errnoSuffix } from '../../core/errno.ts';
import { Level } from '../../core/log.ts';
import type { Report } from '../cycle-logs.ts';
import type { Generation } from './generation.ts';

/** @returns with its logs open; undefined: it cannot be used */
export function readNext(read: (report: Report) => Generation, report: Report): Generation | undefined {
  try {
    const next = read(report);
    const wrong = next.makeFolders();
    if (wrong !== undefined) {
      report(Level.emerg, wrong);
      return undefined;
    }
    const fault = next.logs.open();
    if (fault === undefined) return next;
    next.logs.close();
    report(Level.emerg, `open() "${fault.path}" failed${errnoSuffix(fault.errno)}`);
  } catch (error) {
    // Whatever it is, the sessions of today are worth more than the configuration of tomorrow.
    if (!(error instanceof ConfError)) report(Level.emerg, `reading the configuration failed: ${String(error)}`);
    else report(Level[error.level], error.message + (error.position === undefined ? '' : at(error.position)));
  }
  return undefined;
}
