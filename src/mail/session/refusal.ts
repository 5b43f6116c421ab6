// A login that was refused: the client waits, is told, and may try again, or is told for the last time.
import { IGNORE } from '../../net/connection.ts';
import type { ProtocolSession } from '../protocol.ts';
import type { Session } from './session.ts';

export interface Refusal {
  readonly line: Buffer;
  /** 0: it was the last attempt. */
  readonly waitMs: number;
  /** Says first why it is refused, where that was asked for. */
  readonly saslError: Buffer | undefined;
}

export interface RefusalEvents {
  /** The client may say something. */
  listen(): void;
  finish(line: Buffer): void;
  lost(error: Error | undefined): void;
}

export function refuseLogin(
  session: Session,
  protocol: ProtocolSession,
  { line, waitMs, saslError }: Refusal,
  events: RefusalEvents,
): void {
  const goOn = (isLast: boolean): void => {
    protocol.restart();
    session.conn.write(saslError === undefined ? line : protocol.tellError(saslError, line, isLast));
    events.listen();
  };
  if (waitMs === 0) {
    if (saslError === undefined) events.finish(line);
    else goOn(true);
    return;
  }
  session.conn.handler = { ...IGNORE, onTimeout: () => goOn(false), onClose: (error) => events.lost(error) };
  session.conn.deadline(waitMs);
}
