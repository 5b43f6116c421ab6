// One client session before and through the relay: what is known of it, and its place in the log.
import type { ByteString } from '../../conf/directive.ts';
import type { Store } from '../../conf/store.ts';
import type { ConnectionBudget } from '../../core/connection-budget.ts';
import { Level, type Log } from '../../core/log.ts';
import { ownCopy } from '../../core/own-copy.ts';
import type { Resolver } from '../../core/resolver/resolver.ts';
import type { Connection } from '../../net/connection.ts';
import type { Endpoint } from '../../net/endpoint.ts';
import type { ProxyInfo } from '../../net/proxy-protocol/read.ts';
import type { TlsInfo } from '../../net/tls/established.ts';
import type { Transport } from '../../net/transport.ts';
import type { UserTags } from '../../script/log/user-tags.ts';
import type { Subject } from '../../script/subject.ts';
import type { ClientConnection } from '../../script/variables/connection.ts';
import type { PeerCounters } from '../../stats/peer-counters.ts';
import type { LoginOutcome, ServerCounters } from '../../stats/server-counters.ts';
import { type AuthMethod, type Credentials, wipeCredentials } from './credentials.ts';
import type { SessionEnd } from './end.ts';
import { SessionRecord } from './record.ts';
import type { ServerTail } from './server-tail.ts';

/** How the log puts it. */
export const TIMED_OUT = '(110: Connection timed out)';

export type StarttlsMode = 'off' | 'on' | 'only';

const NOBODY = (): void => {};
const NO_CREDENTIALS: Pick<Credentials, 'method' | 'apart'> = { method: 'none' };

export interface SessionSetup {
  readonly connection: number;
  readonly conn: Connection;
  /** For what the session dials. */
  readonly transport: Transport;
  /** The server's configuration structs. */
  readonly store: Store;
  readonly log: Log;
  readonly protocol: string;
  readonly serverName: ByteString;
  readonly starttls: StarttlsMode;
  /** The `listen` that the session came in by, as the log shows it. */
  readonly listenText: ByteString;
  readonly client: Endpoint | undefined;
  readonly local: Endpoint | undefined;
  /** SMTP: finds the client's name. */
  readonly resolver: Resolver | undefined;
  readonly resolverTimeoutMs: number;
  /** To be asked before anything is dialled. */
  readonly connections: ConnectionBudget;
  /** Its configuration has variables. */
  readonly isRecorded?: boolean;
  /** They are about more of its backends than their addresses. */
  readonly measuresUpstreams?: boolean;
  /** Of its records in the error log. */
  readonly tags?: UserTags<Session> | undefined;
  /** Of its server; undefined: nothing shows them. */
  readonly counters?: ServerCounters | undefined;
  /** The same. */
  readonly tail?: ServerTail | undefined;
}

export class Session implements Subject, ClientConnection {
  readonly connection: number;
  /** What its protocol is spoken on: another one once there is a WebSocket. */
  conn: Connection;
  readonly transport: Transport;
  readonly store: Store;
  readonly log: Log;
  /** The name of what the client speaks. */
  readonly protocol: string;
  readonly serverName: ByteString;
  readonly starttls: StarttlsMode;
  readonly listenText: ByteString;
  /** The peer; replaced by the address in a trusted PROXY header. */
  client: Endpoint | undefined;
  readonly local: Endpoint | undefined;
  readonly resolver: Resolver | undefined;
  readonly resolverTimeoutMs: number;
  readonly connections: ConnectionBudget;
  /** What the session is doing: the log's ` while …`. */
  action: string | undefined = 'sending client greeting line';
  proxyHeader: ProxyInfo | undefined;
  tls: TlsInfo | undefined;
  /** STARTTLS was accepted; never true for `listen … ssl`. */
  usingStarttls = false;
  /** SMTP: the name for Client-Host and XCLIENT. */
  clientHost: ByteString = '[UNAVAILABLE]';
  /** The login that the log shows; stays after a failed attempt. */
  login: Buffer | undefined;
  /** What the client gave in the attempt at hand, and nothing of an earlier one. */
  credentials: Credentials | undefined;
  /** Completed credential sets so far. */
  attempt = 0;
  /** Lines that the tokenizer refused; compared with max_errors. */
  errors = 0;
  /** The backend as the auth server named it: `ADDRESS:PORT`. */
  upstream: ByteString = '';
  /** Tells the upstream that chose the backend of the end of the session; undefined: none has. */
  letGo: (() => void) | undefined;
  closed = false;
  /** The login at hand has come to nothing yet that was counted. */
  #isLoginOpen = false;
  /** Why it has ended. */
  end: SessionEnd | undefined;
  readonly #tags: UserTags<Session> | undefined;
  /** Of its server; undefined: nothing is counted. */
  readonly counters: ServerCounters | undefined;
  /** Of its server; undefined: nobody can watch. */
  readonly tail: ServerTail | undefined;
  /** Of its backend, where that is one of a group. */
  backend: PeerCounters | undefined;
  /** For variables; undefined: the configuration has none. */
  record: SessionRecord | undefined;
  /** Takes what went wrong on our side: logs it and ends this session, and no other. */
  onFault: (error: unknown) => void = NOBODY;

  constructor(setup: SessionSetup) {
    this.connection = setup.connection;
    this.conn = setup.conn;
    this.transport = setup.transport;
    this.store = setup.store;
    this.log = setup.log;
    this.protocol = setup.protocol;
    this.serverName = setup.serverName;
    this.starttls = setup.starttls;
    this.listenText = setup.listenText;
    this.client = setup.client;
    this.local = setup.local;
    this.resolver = setup.resolver;
    this.resolverTimeoutMs = setup.resolverTimeoutMs;
    this.connections = setup.connections;
    this.#tags = setup.tags;
    this.counters = setup.counters;
    this.tail = setup.tail;
    this.record = setup.isRecorded ? new SessionRecord(setup.client, setup.measuresUpstreams) : undefined;
  }

  get values(): Map<object, ByteString | undefined> {
    return this.#recorded.values;
  }

  get captures(): Subject['captures'] {
    return this.#recorded.captures;
  }

  set captures(captures: Subject['captures']) {
    this.#recorded.captures = captures;
  }

  get #recorded(): SessionRecord {
    this.record ??= new SessionRecord(this.client);
    return this.record;
  }

  get number(): number {
    return this.connection;
  }

  get proxied(): ProxyInfo | undefined {
    return this.proxyHeader;
  }

  /** Who has connected, whomever a PROXY header names. */
  get peer(): Endpoint | undefined {
    return this.record === undefined ? this.client : this.record.peer;
  }

  /** The client as logs and auth requests show it: without port, `unix:` for a unix socket. */
  get clientText(): string {
    return this.client?.address ?? 'unix:';
  }

  /** True where logging in must wait for TLS: `starttls only`, and TLS is not there yet. */
  get loginNeedsTls(): boolean {
    return this.starttls === 'only' && this.tls === undefined;
  }

  /** True where STARTTLS is offered and accepted now. */
  get offersStarttls(): boolean {
    return this.starttls !== 'off' && this.tls === undefined;
  }

  /**
   * Begins an attempt with exactly these credentials. The password is the session's from here on; of the user it keeps a
   * copy, for as long as it lasts.
   * @param apart user and password came one by one
   */
  use(method: AuthMethod, user: Buffer, pass: Buffer | undefined, salt?: Buffer, apart = false): void {
    this.forgetCredentials();
    const own = ownCopy(user);
    this.login = own;
    this.credentials = { method, user: own, pass, salt, apart };
    if (this.record !== undefined) {
      this.record.authUser = own;
      this.record.authMethod = method;
    }
  }

  /** Zeroes the password at hand and forgets the attempt. */
  forgetCredentials(): void {
    wipeCredentials(this.credentials);
    this.credentials = undefined;
  }

  /** The digest of a challenge serves one request only; it is no password. */
  dropDigest(): void {
    const { credentials } = this;
    if (credentials?.salt === undefined) return;
    credentials.pass?.fill(0);
    credentials.pass = undefined;
  }

  logSuffix(): ByteString {
    const action = this.action === undefined ? '' : ` while ${this.action}`;
    const starttls = this.usingStarttls ? ' using starttls' : '';
    const before = `${action}, client: ${this.clientText}${starttls}, server: ${this.listenText}`;
    // As in nginx, a session without a login does not show its backend either.
    if (this.login === undefined || this.login.length === 0) return before;
    const upstream = this.upstream === '' ? '' : `, upstream: ${this.upstream}`;
    return `${before}, login: "${this.login.toString('latin1')}"${upstream}`;
  }

  logFields(): Readonly<Record<string, ByteString | undefined>> {
    return {
      action: this.action,
      client: this.clientText,
      starttls: this.usingStarttls ? 'on' : undefined,
      server: this.listenText,
      login: this.login === undefined || this.login.length === 0 ? undefined : this.login.toString('latin1'),
      upstream: this.upstream === '' ? undefined : this.upstream,
    };
  }

  logTags(): readonly ByteString[] {
    return this.#tags?.of(this) ?? [];
  }

  /** The client has sent all that a login needs. */
  beginLogin(): void {
    this.attempt++;
    this.#isLoginOpen = true;
    this.record?.begins();
  }

  /**
   * What has become of a login, while its credentials are at hand.
   * @param why what the client was told
   */
  countLogin(outcome: LoginOutcome, why?: ByteString | Buffer): void {
    if (outcome !== 'wait') this.#isLoginOpen = false;
    if (this.tail?.isWatched === true) this.tail.tellLogin(outcome, why ?? this.record?.end ?? '', this);
    if (this.counters === undefined) return;
    const { method, apart } = this.credentials ?? NO_CREDENTIALS;
    this.counters.login(apart === true ? 'login' : method, outcome);
  }

  /** The session ends, in a login or not. */
  abortLogin(): void {
    if (this.#isLoginOpen) this.countLogin('aborted');
  }

  /** What will have ended the session, or its login. */
  note(end: SessionEnd): void {
    if (this.record !== undefined) this.record.end = end;
  }

  /** The same, where nothing closer to the cause has been noted. */
  noteFirst(end: SessionEnd): void {
    if (this.record !== undefined) this.record.end ??= end;
  }

  /** @param end where nothing more exact was noted */
  finish(end: SessionEnd): void {
    this.record?.finish(end);
    this.end = this.record?.end ?? end;
  }

  info(text: ByteString): void {
    this.log.write(Level.info, text, this);
  }

  error(text: ByteString): void {
    this.log.write(Level.error, text, this);
  }

  /** A record without ` while …`. */
  milestone(text: ByteString): void {
    this.action = undefined;
    this.info(text);
  }
}
