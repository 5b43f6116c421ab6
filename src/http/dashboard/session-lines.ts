// Sessions as the page is told of them: text of clients is cut, and bytes that are none of UTF-8 are replaced.
import type { ByteString } from '../../conf/directive.ts';
import type { ControlAnswer } from '../../control/order.ts';
import type { SessionView } from '../../control/session-view.ts';
import { nameText } from '../../stats/name-text.ts';
import type { SessionLine, SessionsPage } from './messages.ts';
import { placeText, type Question } from './question.ts';

const MAX_CHARACTERS = 256;
/** A character has no more. */
const MAX_BYTES = 4;

export interface ShownText {
  readonly text: string;
  readonly isCut: boolean;
}

export function shownText(bytes: ByteString): ShownText {
  const whole = nameText(bytes.slice(0, (MAX_CHARACTERS + 1) * MAX_BYTES));
  const characters = [...whole];
  if (characters.length <= MAX_CHARACTERS) return { text: whole, isCut: false };
  return { text: characters.slice(0, MAX_CHARACTERS).join(''), isCut: true };
}

export function sessionsPage({ question, limit }: Question, { sessions, count }: ControlAnswer): SessionsPage {
  const last = sessions.at(-1);
  const next = last !== undefined && sessions.length >= limit ? placeText(last) : undefined;
  return { kind: 'sessions', question, sessions: sessions.map(sessionLine), total: count, next };
}

function sessionLine(session: SessionView): SessionLine {
  const user = shownText(session.user);
  return {
    id: session.id,
    protocol: session.protocol,
    server: shownText(session.server).text,
    client: shownText(session.client).text,
    user: user.text,
    isCut: user.isCut,
    state: session.state,
    backend: shownText(session.backend).text,
    tls: session.tls,
    sinceMs: session.sinceMs,
    received: session.received,
    sent: session.sent,
  };
}
