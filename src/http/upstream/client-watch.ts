// Notices that the client went away while an upstream is asked for it.
import type { HttpRequest } from '../request/request.ts';

export interface ClientWatch {
  readonly signal: AbortSignal;
  /** Nobody waits any more. */
  end(): void;
}

/** @param ignores the upstream is to answer all the same */
export function watchClient({ client, output }: HttpRequest, ignores: boolean): ClientWatch {
  const controller = new AbortController();
  if (ignores) return { signal: controller.signal, end: () => {} };
  const gone = (): void => controller.abort();
  if (output.destroyed || client.ended) gone();
  output.once('close', gone);
  client.onEnded = gone;
  const end = (): void => {
    output.off('close', gone);
    client.onEnded = undefined;
  };
  return { signal: controller.signal, end };
}
