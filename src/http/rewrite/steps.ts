// The instructions that set, if, return, break and rewrite compile to, and what runs them in the order of the file.
import type { Outcome } from '../define.ts';
import type { HttpRequest } from '../request/request.ts';

/** One run through the instructions of a server or location. */
export interface Rewriting {
  readonly request: HttpRequest;
  /** Matches are logged. */
  readonly logs: boolean;
  /** The URI was changed, so the location has to be found anew. */
  searches: boolean;
}

/** What one directive does; `stop` ends the run. */
export type Step = (run: Rewriting) => Exclude<Outcome, 'search'> | 'stop';

export function runSteps(steps: readonly Step[], run: Rewriting): ReturnType<Step> {
  for (const step of steps) {
    const outcome = step(run);
    if (outcome !== undefined) return outcome;
  }
  return undefined;
}
