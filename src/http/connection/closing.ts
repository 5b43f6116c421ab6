// The end of an HTTP connection: what is queued is sent, and what the client still sends is dropped for a while.
import type { Connection, ConnHandler } from '../../net/connection.ts';

export interface ClosingLimits {
  /** How long the client may take for what is queued. */
  readonly sendTimeoutMs: number;
  readonly lingeringTimeMs: number;
  readonly lingeringTimeoutMs: number;
}

/**
 * @param lingers closed at once, bytes of the client that are still under way would make the kernel drop the answer
 * @param done the connection is gone
 */
export function closeConnection(
  conn: Connection,
  { sendTimeoutMs, lingeringTimeMs, lingeringTimeoutMs }: ClosingLimits,
  lingers: boolean,
  done: () => void,
): void {
  let untilMs = 0;
  const wait = (): void => {
    const left = untilMs - Date.now();
    if (left > 0) conn.deadline(Math.min(left, lingeringTimeoutMs));
    else conn.destroy();
  };
  const handler: ConnHandler = {
    onData: () => untilMs > 0 && wait(),
    onDrain: () => {},
    onEof: () => untilMs > 0 && conn.destroy(),
    onTimeout: () => conn.destroy(),
    onClose: done,
  };
  conn.handler = handler;
  conn.deadline(sendTimeoutMs);
  conn.endOutput(() => {
    if (!lingers || conn.ended || lingeringTimeoutMs === 0) {
      conn.destroy();
      return;
    }
    untilMs = Date.now() + lingeringTimeMs;
    wait();
  });
  conn.resume();
}
