// How a handshake with a backend that failed reads in the log, and what the session is doing then.
import { Level } from '../../core/log.ts';
import { connectFailure } from '../../net/failure.ts';
import type { ClientTlsOutcome } from '../../net/tls/client-outcome.ts';
import { handshakeFailure } from '../../net/tls/outcome.ts';
import type { Caller } from '../session/caller.ts';

export const HANDSHAKING = 'SSL handshaking to upstream';

/** @param address of the backend, as the log names it */
export function logHandshakeFailure(
  session: Caller,
  outcome: Exclude<ClientTlsOutcome, { kind: 'secure' }>,
  address: string,
): void {
  const begun = outcome.kind === 'refused' || outcome.begun;
  session.action = begun ? HANDSHAKING : 'connecting to upstream';
  switch (outcome.kind) {
    case 'refused':
      session.error(outcome.log);
      return;
    case 'timeout':
      session.info('upstream timed out (110: Connection timed out)');
      return;
    case 'failed': {
      const record =
        begun || outcome.error === undefined
          ? { level: Level.error, text: handshakeFailure(outcome.error) }
          : connectFailure(outcome.error, address);
      session.log.write(record.level, record.text, session);
      return;
    }
    default:
      outcome satisfies never;
  }
}
