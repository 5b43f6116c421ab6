// How a handshake with an auth server that failed reads in the log.
import type { ByteString } from '../../conf/directive.ts';
import { Level } from '../../core/log.ts';
import { connectFailure } from '../../net/failure.ts';
import type { ClientTlsOutcome } from '../../net/tls/client-outcome.ts';
import { handshakeFailure } from '../../net/tls/outcome.ts';
import type { Session } from '../session/session.ts';

/** @param address of the auth server, as the log names it */
export function logAuthHandshake(
  session: Session,
  outcome: Exclude<ClientTlsOutcome, { kind: 'secure' }>,
  address: ByteString,
): void {
  const { action } = session;
  if (outcome.kind === 'refused' || outcome.begun) session.action = `SSL handshaking to auth http server ${address}`;
  switch (outcome.kind) {
    case 'refused':
      session.error(outcome.log);
      break;
    case 'timeout':
      session.error(`auth http server ${address} timed out (110: Connection timed out)`);
      break;
    case 'failed': {
      const { error, begun } = outcome;
      const record =
        begun || error === undefined
          ? { level: Level.error, text: handshakeFailure(error) }
          : connectFailure(error, address);
      session.log.write(record.level, record.text, session);
      break;
    }
    default:
      outcome satisfies never;
  }
  session.action = action;
}
