// What is kept of a session for the variables of its configuration. Where that has none, there is no record.
import type { ByteString } from '../../conf/directive.ts';
import type { Connection } from '../../net/connection.ts';
import type { Endpoint } from '../../net/endpoint.ts';
import type { ClientHello } from '../../net/tls/client-hello.ts';
import type { ServerTls } from '../../net/tls/context.ts';
import type { AuthReply } from '../auth-http/reply.ts';
import type { AuthMethod } from './credentials.ts';
import type { SessionEnd } from './end.ts';
import type { Peer } from './relay.ts';
import { UpstreamRecord } from './upstream-record.ts';

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
  /** The one that was dialled last for the last login; it knows the one before. */
  upstream: UpstreamRecord | undefined;
  #values: Map<object, ByteString | undefined> | undefined;
  #set: Map<object, ByteString> | undefined;

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
    this.upstream = undefined;
    this.renew();
  }

  /** A backend is dialled. */
  dials(conn: Connection, address: ByteString): void {
    this.upstream?.finish();
    this.upstream = new UpstreamRecord(address, this.upstream, this.measuresUpstreams ? conn : undefined);
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

  /** The session has ended. @param end where nothing more exact was noted */
  finish(end: SessionEnd): void {
    this.upstream?.finish();
    this.end ??= end;
    this.renew();
  }
}
