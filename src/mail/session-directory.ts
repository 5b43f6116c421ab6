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
  'connection' | 'tls' | 'listenText' | 'clientText' | 'login' | 'upstream' | 'tail' | 'end'
> & {
  readonly conn: Pick<Connection, 'bytesReceived' | 'bytesSent' | 'limitedSinceMs' | 'guard'>;
  readonly record: { readonly startedMs: number } | undefined;
};

/** A session with its way through the states. */
export interface ListedFlow {
  readonly session: ListedSession;
  readonly server: { readonly core: { readonly protocol: { readonly name: string } }; readonly zone: ByteString };
  readonly state: SessionState;
  /** When it began, in milliseconds since 1970; the directory's to set. */
  sinceMs: number;
  kick(): void;
}

/** Whoever asks waits no longer for the answer. */
const PATIENCE_MS = 1000;
/** Sessions between two looks at the clock: to look at one takes microseconds, to end one more than that. */
const LOOKS = 64;
const ENDS = 4;

/** What a question is about is found out only where it is about that. */
class Entry implements SessionFields {
  readonly #flow: ListedFlow;

  constructor(flow: ListedFlow) {
    this.#flow = flow;
  }

  get protocol(): string {
    return this.#flow.server.core.protocol.name;
  }

  get zone(): ByteString {
    return this.#flow.server.zone;
  }

  get sinceMs(): number {
    return this.#flow.sinceMs;
  }

  get id(): string {
    return sessionId(this.connection);
  }

  get connection(): number {
    return this.#flow.session.connection;
  }

  get server(): ByteString {
    return this.#flow.session.listenText;
  }

  get client(): ByteString {
    return this.#flow.session.clientText;
  }

  get user(): ByteString {
    return this.#flow.session.login?.toString('latin1') ?? '';
  }

  get state(): SessionState {
    return this.#flow.state;
  }

  get backend(): ByteString {
    return this.#flow.session.upstream;
  }

  /** Of the relay its own limit tells; before it nothing counts as being active. */
  get idleMs(): number {
    const activeMs = this.state === 'relay' ? this.#flow.session.conn.limitedSinceMs : undefined;
    const ms = activeMs === undefined ? Date.now() - this.sinceMs : performance.now() - activeMs;
    return Math.max(0, Math.round(ms));
  }

  get view(): SessionView {
    const { protocol, zone, server, client, user, state, backend, id, connection, sinceMs, idleMs } = this;
    const { tls, conn } = this.#flow.session;
    const fields = { protocol, zone, server, client, user, state, backend, id, connection, sinceMs, idleMs };
    return { ...fields, pid: process.pid, tls: tls?.protocol, received: conn.bytesReceived, sent: conn.bytesSent };
  }
}

export class SessionDirectory implements SessionSource {
  readonly #flows: ReadonlySet<ListedFlow>;
  readonly #slices = new Slices();
  #latestMs = 0;

  /** @param flows those of the process, kept by whoever tells of their beginnings and ends */
  constructor(flows: ReadonlySet<ListedFlow>) {
    this.#flows = flows;
  }

  began(flow: ListedFlow): void {
    // A clock that is set back changes no order.
    this.#latestMs = Math.max(this.#latestMs, flow.session.record?.startedMs ?? Date.now());
    flow.sinceMs = this.#latestMs;
    tellOf(flow, 'begin');
  }

  ended(flow: ListedFlow): void {
    tellOf(flow, 'end');
  }

  async list(matcher: SessionMatcher, { after, limit, isNewestFirst = false }: PageOrder): Promise<FoundSessions> {
    const sessions: SessionView[] = [];
    let count = 0;
    const look = (flow: ListedFlow): void => {
      const entry = new Entry(flow);
      if (!matcher.matches(entry)) return;
      count++;
      if (sessions.length < limit && (after === undefined || isBehind(entry, after, isNewestFirst))) {
        sessions.push(entry.view);
      }
    };
    const untilMs = performance.now() + PATIENCE_MS;
    const flows = isNewestFirst ? [...this.#flows].reverse() : this.#flows;
    await this.#slices.run(flows, LOOKS, look, () => performance.now() < untilMs);
    return { sessions, count };
  }

  /** They end from here on, before another question is answered: whoever asks would not wait until a crowd has. */
  async end(matcher: SessionMatcher): Promise<number> {
    const meant: ListedFlow[] = [];
    await this.#slices.run(this.#flows, LOOKS, (flow) => {
      if (matcher.matches(new Entry(flow))) meant.push(flow);
    });
    void this.#slices.run(meant, ENDS, (flow) => {
      if (this.#flows.has(flow)) flow.session.conn.guard(() => flow.kick()); // else it has ended by itself
    });
    return meant.length;
  }
}

function tellOf({ session, state }: ListedFlow, what: Happening): void {
  const { tail, end = '' } = session;
  if (tail?.isWatched === true) tail.tell(what, state, end, session);
}
