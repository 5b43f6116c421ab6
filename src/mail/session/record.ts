// What is kept of a session for the variables of its configuration. Where that has none, there is no record.
import type { ByteString } from '../../conf/directive.ts';
import type { Connection, Traffic } from '../../net/connection.ts';
import type { Endpoint } from '../../net/endpoint.ts';
import type { ClientHello } from '../../net/tls/client-hello.ts';
import type { ServerTls } from '../../net/tls/context.ts';
import type { AuthReply } from '../auth-http/reply.ts';
import type { AuthMethod } from './credentials.ts';
import type { SessionEnd } from './end.ts';
import type { Peer } from './relay.ts';
import { NO_TRAFFIC, UpstreamRecord } from './upstream-record.ts';

/** What an SMTP client has said. */
interface Said {
  readonly helo: Buffer | undefined;
  /** As typed. */
  readonly from: Buffer | undefined;
  readonly to: Buffer | undefined;
}

/** An empty list that grows takes room for many. */
const NONE: readonly never[] = [];

export class SessionRecord {
  readonly startedMs = Date.now();
  /** Who has connected, whomever a PROXY header names. */
  readonly peer: Endpoint | undefined;
  /** Variables are about more of its backends than which they are. */
  readonly measuresUpstreams: boolean;
  captures: readonly (ByteString | undefined)[] = NONE;
  /** What the client gave in its last attempt. */
  authUser: Buffer | undefined;
  authMethod: AuthMethod | undefined;
  /** What the auth server said of it. */
  authStatus: ByteString | undefined;
  /** Headers of that answer that variables are about, by the rest of their names. */
  authHeaders: ReadonlyMap<string, Buffer> | undefined;
  envelope: Said | undefined;
  /** What the client asks for in the handshake. */
  hello: ClientHello | undefined;
  /** That has been chosen for the client. */
  ownTls: ServerTls | undefined;
  /** Or how its login has; undefined: it lasts. */
  end: SessionEnd | undefined;
  /** After a login. */
  closedBy: 'client' | 'backend' | undefined;
  #event: 'session' | 'auth' = 'session';
  /** Those that were dialled for the last login, in turn. */
  upstreams: readonly UpstreamRecord[] = NONE;
  #values: Map<object, ByteString | undefined> | undefined;
  #set: Map<object, ByteString> | undefined;
  /** Bytes before STARTTLS. */
  #clear = NO_TRAFFIC;
  /** While lines are about a login. */
  #atLogin: Traffic | undefined;
  #final: Traffic | undefined;

  constructor(peer: Endpoint | undefined, measuresUpstreams = false) {
    this.peer = peer;
    this.measuresUpstreams = measuresUpstreams;
  }

  /** Of variables that have been asked for or set. */
  get values(): Map<object, ByteString | undefined> {
    this.#values ??= new Map();
    return this.#values;
  }

  /** The value of `set`, which no other one takes the place of. */
  set(variable: object, value: ByteString): void {
    this.#set ??= new Map();
    this.#set.set(variable, value);
    this.values.set(variable, value);
  }

  /** An auth server has answered: what others had to say before does not count. */
  answered({ failure, wait, kept }: AuthReply): void {
    this.end = undefined;
    this.authStatus = failure?.toString('latin1') ?? (wait ? 'WAIT' : 'OK');
    this.authHeaders = kept;
    this.renew();
  }

  /** The session has come further: what was found out about it may be different now. */
  renew(): void {
    if (this.#values === undefined) return;
    this.#values.clear();
    for (const [variable, value] of this.#set ?? []) this.#values.set(variable, value);
  }

  /** A client has sent its login. */
  begins(): void {
    this.end = undefined;
    this.upstreams = NONE;
    this.renew();
  }

  /** The one that was dialled last. */
  get upstream(): UpstreamRecord | undefined {
    return this.upstreams.at(-1);
  }

  /** A backend is dialled. */
  dials(conn: Connection, address: ByteString): void {
    this.upstream?.finish();
    const dialled = new UpstreamRecord(address, this.measuresUpstreams ? conn : undefined);
    this.upstreams = this.upstreams === NONE ? [dialled] : [...this.upstreams, dialled];
  }

  /** The next bytes of the connection are TLS, which counts anew. */
  goesSecure(conn: Connection): void {
    this.#clear = conn.traffic?.() ?? NO_TRAFFIC;
  }

  traffic(conn: Connection): Traffic {
    if (this.#final !== undefined) return this.#final;
    if (this.#event === 'session') return this.#traffic(conn);
    this.#atLogin ??= this.#traffic(conn);
    return this.#atLogin;
  }

  #traffic(conn: Connection): Traffic {
    const now = conn.traffic?.() ?? NO_TRAFFIC;
    if (this.#clear === NO_TRAFFIC) return now;
    const { received, sent } = now;
    return { received: this.#clear.received + received, sent: this.#clear.sent + sent };
  }

  /** What the line of an access log at hand is about. */
  get event(): 'session' | 'auth' {
    return this.#event;
  }

  /** Lines are about the login at hand: what was found out before about how it would end does not count. */
  beginLoginLines(): void {
    this.renew();
    this.#event = 'auth';
  }

  /** And what is found out now does not count later. */
  endLoginLines(): void {
    this.#event = 'session';
    this.#atLogin = undefined;
    this.renew();
  }

  /** What backends had to say before the one that took the login does not count. */
  loggedIn(): void {
    this.end = undefined;
  }

  /** That side was the first to close. */
  closed(by: Peer): void {
    this.closedBy = by === 'client' ? 'client' : 'backend';
  }

  /**
   * The session has ended, and its connections may be gone soon.
   * @param end where nothing more exact was noted
   */
  finish(conn: Connection, end: SessionEnd): void {
    this.#final = this.traffic(conn);
    this.upstream?.finish();
    this.end ??= end;
    this.renew();
  }
}
