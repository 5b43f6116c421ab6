// The sessions of a process, for those who look at them from outside and end them; in the order in which they began.
import type { ByteString } from '../conf/directive.ts';
import type { FoundSessions, PageOrder, SessionSource } from '../control/local.ts';
import { isBehind } from '../control/order.ts';
import type { SessionFields, SessionMatcher, SessionState, SessionView } from '../control/session-view.ts';
import { Slices } from '../control/slices.ts';
import type { Happening } from '../control/tail.ts';
import type { Connection } from '../net/connection.ts';
import { sessionId } from './session/server-tail.ts';
import type { Session } from './session/session.ts';

type ListedSession = Pick<
  Session,
  'connection' | 'tls' | 'listenText' | 'clientText' | 'login' | 'upstream' | 'traffic' | 'tail' | 'end'
> & { readonly conn: Pick<Connection, 'limitedSinceMs' | 'guard'> };

/** A session with its way through the states. */
export interface ListedFlow {
  readonly session: ListedSession;
  readonly state: SessionState;
  kick(): void;
}

/** Whoever asks waits no longer for the answer. */
const PATIENCE_MS = 1000;
/** Sessions between two looks at the clock: to look at one takes microseconds, to end one more than that. */
const LOOKS = 64;
const ENDS = 4;

/** What a question is about is found out only where it is about that. */
class Entry implements SessionFields {
  readonly flow: ListedFlow;
  readonly protocol: string;
  readonly zone: ByteString;
  /** Milliseconds since 1970. */
  readonly sinceMs: number;

  constructor(flow: ListedFlow, protocol: string, zone: ByteString, sinceMs: number) {
    this.flow = flow;
    this.protocol = protocol;
    this.zone = zone;
    this.sinceMs = sinceMs;
  }

  get id(): string {
    return sessionId(this.connection);
  }

  get connection(): number {
    return this.flow.session.connection;
  }

  get server(): ByteString {
    return this.flow.session.listenText;
  }

  get client(): ByteString {
    return this.flow.session.clientText;
  }

  get user(): ByteString {
    return this.flow.session.login?.toString('latin1') ?? '';
  }

  get state(): SessionState {
    return this.flow.state;
  }

  get backend(): ByteString {
    return this.flow.session.upstream;
  }

  /** Of the relay its own limit tells; before it nothing counts as being active. */
  get idleMs(): number {
    const activeMs = this.state === 'relay' ? this.flow.session.conn.limitedSinceMs : undefined;
    const ms = activeMs === undefined ? Date.now() - this.sinceMs : performance.now() - activeMs;
    return Math.max(0, Math.round(ms));
  }

  get view(): SessionView {
    const { protocol, zone, server, client, user, state, backend, id, connection, sinceMs, idleMs } = this;
    const { tls, traffic } = this.flow.session;
    const fields = { protocol, zone, server, client, user, state, backend, id, connection, sinceMs, idleMs };
    return { ...fields, pid: process.pid, tls: tls?.protocol, ...traffic };
  }
}

export class SessionDirectory implements SessionSource {
  readonly #entries = new Map<ListedFlow, Entry>();
  readonly #slices = new Slices();
  #latestMs = 0;

  add(flow: ListedFlow, protocol: string, zone: ByteString): void {
    this.#latestMs = Math.max(this.#latestMs, Date.now()); // a clock that is set back changes no order
    this.#entries.set(flow, new Entry(flow, protocol, zone, this.#latestMs));
    tellOf(flow, 'begin');
  }

  remove(flow: ListedFlow): void {
    this.#entries.delete(flow);
    tellOf(flow, 'end');
  }

  async list(matcher: SessionMatcher, { after, limit, isNewestFirst = false }: PageOrder): Promise<FoundSessions> {
    const sessions: SessionView[] = [];
    let count = 0;
    const look = (entry: Entry): void => {
      if (!matcher.matches(entry)) return;
      count++;
      if (sessions.length < limit && (after === undefined || isBehind(entry, after, isNewestFirst))) {
        sessions.push(entry.view);
      }
    };
    const untilMs = performance.now() + PATIENCE_MS;
    const entries = isNewestFirst ? [...this.#entries.values()].reverse() : this.#entries.values();
    await this.#slices.run(entries, LOOKS, look, () => performance.now() < untilMs);
    return { sessions, count };
  }

  /** They end from here on, before another question is answered: whoever asks would not wait until a crowd has. */
  async end(matcher: SessionMatcher): Promise<number> {
    const meant: Entry[] = [];
    await this.#slices.run(this.#entries.values(), LOOKS, (entry) => {
      if (matcher.matches(entry)) meant.push(entry);
    });
    void this.#slices.run(meant, ENDS, ({ flow }) => {
      if (this.#entries.has(flow)) flow.session.conn.guard(() => flow.kick()); // else it has ended by itself
    });
    return meant.length;
  }
}

function tellOf({ session, state }: ListedFlow, what: Happening): void {
  const { tail, end = '' } = session;
  if (tail?.isWatched === true) tail.tell(what, state, end, session);
}
