// Counters that begin anew, in all processes.
import { type ApiCall, type ApiResult, NOTHING } from './route.ts';

/** @param block of the counters; what there is now stays */
export async function resetCounts({ control }: ApiCall, block: string): Promise<ApiResult> {
  await control.ask({ kind: 'reset-counts', block });
  return NOTHING;
}
