// The sessions of a process, for those who look at them from outside and end them; the oldest first.
import type { SessionSource } from '../control/local.ts';
import { isBehind, type Place } from '../control/order.ts';
import type { SessionFields, SessionMatcher, SessionView } from '../control/session-view.ts';
import type { SessionFlow } from './session/flow.ts';

interface Entry {
  readonly flow: SessionFlow;
  readonly protocol: string;
  /** Milliseconds since 1970. */
  readonly sinceMs: number;
}

const NO_TRAFFIC = { received: 0, sent: 0 };

export class SessionDirectory implements SessionSource {
  /** In the order in which they began. */
  readonly #entries = new Map<SessionFlow, Entry>();
  #latestMs = 0;

  add(flow: SessionFlow, protocol: string): void {
    this.#latestMs = Math.max(this.#latestMs, Date.now()); // a clock that is set back changes no order
    this.#entries.set(flow, { flow, protocol, sinceMs: this.#latestMs });
  }

  remove(flow: SessionFlow): void {
    this.#entries.delete(flow);
  }

  list(
    matcher: SessionMatcher,
    after: Place | undefined,
    limit: number,
  ): { readonly sessions: readonly SessionView[]; readonly count: number } {
    const sessions: SessionView[] = [];
    let count = 0;
    for (const entry of this.#entries.values()) {
      if (!isMeant(entry, matcher)) continue;
      count++;
      const { sinceMs } = entry;
      const { connection } = entry.flow.session;
      if (sessions.length >= limit || (after !== undefined && !isBehind({ sinceMs, connection }, after))) continue;
      sessions.push(viewOf(entry));
    }
    return { sessions, count };
  }

  end(matcher: SessionMatcher): number {
    const meant = [...this.#entries.values()].filter((entry) => isMeant(entry, matcher));
    for (const { flow } of meant) flow.session.conn.guard(() => flow.kick());
    return meant.length;
  }
}

function isMeant(entry: Entry, matcher: SessionMatcher): boolean {
  if (matcher.id !== undefined && matcher.id !== idOf(entry.flow)) return false;
  return matcher.matches(fieldsOf(entry));
}

const idOf = ({ session }: SessionFlow): string => `${process.pid}-${session.connection}`;

const fieldsOf = ({ flow: { session, state }, protocol }: Entry): SessionFields => ({
  protocol,
  server: session.listenText,
  client: session.clientText,
  user: session.login?.toString('latin1') ?? '',
  state,
  backend: session.upstream,
});

function viewOf(entry: Entry): SessionView {
  const { flow, sinceMs } = entry;
  const { connection, conn, record, tls } = flow.session;
  const { received, sent } = record?.traffic(conn) ?? conn.traffic?.() ?? NO_TRAFFIC;
  return {
    ...fieldsOf(entry),
    id: idOf(flow),
    pid: process.pid,
    connection,
    sinceMs,
    tls: tls?.protocol,
    received,
    sent,
  };
}
