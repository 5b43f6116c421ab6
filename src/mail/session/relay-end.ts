// How a relay has ended: its records in the log, and the word for it.
import { clientFailure, upstreamFailure } from '../../net/failure.ts';
import type { SessionEnd } from './end.ts';
import type { Peer, RelayEnd } from './relay.ts';
import { type Session, TIMED_OUT } from './session.ts';

export const KICKED = 'session ended by the administrator';

const LOST: Readonly<Record<Peer, SessionEnd>> = { client: 'client_lost', upstream: 'backend_lost' };

export function tellRelayEnd(session: Session, end: RelayEnd): SessionEnd {
  switch (end.kind) {
    case 'done':
      session.record?.closed(end.by);
      if (end.error !== undefined) tellFailure(session, end.by, end.error, 'reading from');
      session.milestone('proxied session done');
      return end.error === undefined ? 'ok' : LOST[end.by];
    case 'broken':
      session.record?.closed(end.to);
      tellFailure(session, end.to, end.error, 'sending to');
      return LOST[end.to];
    case 'timeout':
      session.info(`client timed out ${TIMED_OUT}`);
      return 'idle';
    case 'shutdown':
      session.info('shutdown timeout');
      return 'stopped';
    case 'kicked':
      session.info(KICKED);
      return 'kicked';
    default:
      return end satisfies never;
  }
}

function tellFailure(session: Session, peer: Peer, error: Error, doing: string): void {
  session.action = `proxying and ${doing} ${peer}`;
  const record = peer === 'client' ? clientFailure(error) : upstreamFailure(error, session.upstream);
  if (record !== undefined) session.log.write(record.level, record.text, session);
}
