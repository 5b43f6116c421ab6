// What there is to know of a session from outside of its process, and which sessions a question is about.
import type { ByteString } from '../conf/directive.ts';
import { inetAddress } from '../core/address.ts';
import { type AddressMatcher, compileCidrs, parseCidr } from '../core/cidr.ts';
import { parseIp } from '../core/ip.ts';

/** How far a session is: before its login, in it, and after it. */
export const SESSION_STATES = ['commands', 'held', 'login', 'relay'] as const;
export type SessionState = (typeof SESSION_STATES)[number];

/** By the names that a question may have them by; text is of bytes. */
export interface SessionFields {
  readonly protocol: string;
  /** The address that the client came to. */
  readonly server: ByteString;
  /** Of the client; without port, `unix:` for a unix socket. */
  readonly client: ByteString;
  /** As the client gave it last; empty: it has not. */
  readonly user: ByteString;
  readonly state: SessionState;
  /** The address of the backend; empty: none so far. */
  readonly backend: ByteString;
  /** `PID-CONNECTION`: that of no other session. */
  readonly id: string;
  /** The name that its server is counted by. */
  readonly zone?: ByteString;
  /** For how long nothing was heard of the client. */
  readonly idleMs?: number;
}

export interface SessionView extends SessionFields {
  readonly pid: number;
  readonly connection: number;
  /** When it began, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** The version; undefined: without TLS. */
  readonly tls: string | undefined;
  /** Bytes from the client, and to it. */
  readonly received: number;
  readonly sent: number;
}

/** What is undefined, anything will do for. */
export interface SessionFilter {
  readonly id?: string | undefined;
  readonly user?: ByteString | undefined;
  /** An address or a network. */
  readonly client?: ByteString | undefined;
  readonly server?: ByteString | undefined;
  readonly protocol?: string | undefined;
  readonly backend?: ByteString | undefined;
  readonly state?: SessionState | undefined;
  readonly zone?: ByteString | undefined;
  /** At least so long. */
  readonly idleMs?: number | undefined;
}

export const isSessionState = (text: string): text is SessionState => SESSION_STATES.some((state) => state === text);

export const isClientFilter = (text: ByteString): boolean => parseCidr(text) !== undefined;

/** `PID-CONNECTION`. */
export const isSessionId = (text: string): boolean => /^[1-9]\d{0,9}-\d{1,15}$/.test(text);

/** Made once a question: a network is not parsed for each session. */
export class SessionMatcher {
  readonly #filter: SessionFilter;
  readonly #isClient: AddressMatcher | undefined;

  constructor(filter: SessionFilter) {
    this.#filter = filter;
    const { cidr } = (filter.client === undefined ? undefined : parseCidr(filter.client)) ?? {};
    this.#isClient = cidr && compileCidrs([cidr]);
  }

  matches(session: SessionFields): boolean {
    const { id, user, client, server, protocol, backend, state, zone, idleMs } = this.#filter;
    return (
      (id === undefined || id === session.id) &&
      (user === undefined || user === session.user) &&
      (protocol === undefined || protocol === session.protocol) &&
      (server === undefined || server === session.server) &&
      (backend === undefined || backend === session.backend) &&
      (state === undefined || state === session.state) &&
      (zone === undefined || zone === session.zone) &&
      (idleMs === undefined || idleMs <= (session.idleMs ?? 0)) &&
      (client === undefined || this.#comesFrom(session.client))
    );
  }

  #comesFrom(client: ByteString): boolean {
    if (this.#isClient === undefined) return false;
    if (client === 'unix:') return this.#isClient({ kind: 'unix', path: '' });
    const bytes = parseIp(client);
    return bytes !== undefined && this.#isClient(inetAddress(bytes, 0));
  }
}
