// A fault of ours: it ends one session, and says so.
import { Level } from '../../core/log.ts';
import type { Session } from './session.ts';

export function reportFault(session: Session, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  session.log.write(Level.alert, `session ended by a fault: ${text}`, session);
  session.note('fault');
}
