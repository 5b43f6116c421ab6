// What the servers of one configuration share for resumption between processes: zones of sessions, and ticket keys.
import type { ByteString } from '../../conf/directive.ts';
import { type SessionLimits, SessionStore, type Sessions } from './session-cache.ts';
import { RotatingKeys, type TicketKey, type TicketKeys } from './ticket-keys.ts';

/** Another process that keeps the sessions of several. It may be slow, or gone. */
export interface RemoteSessions {
  /** Calls back once it can be found there; as `find` does, at the latest after a time that a client can bear. */
  put(zone: ByteString, id: Buffer, session: Buffer, lifetimeS: number, done: () => void): void;
  find(zone: ByteString, id: Buffer, done: (session: Buffer | undefined) => void): void;
  /** From there, and from everybody else who has it. */
  remove(zone: ByteString, id: Buffer): void;
}

/** Something to share with other processes, and with the configuration that a reload brings. */
export interface SharedUse {
  /** Changes where it can no longer be the same thing. */
  readonly id: ByteString;
  /** For sessions; undefined: keeps none. */
  readonly limits: SessionLimits | undefined;
  /** For how long tickets are good, in seconds; undefined: needs no keys. */
  readonly ticketLifetimeS: number | undefined;
}

export type TicketKeysById = ReadonlyMap<ByteString, readonly TicketKey[]>;

const nothing = (): void => {};

/** A zone of `shared:NAME:SIZE`, or the `builtin` one of a server. */
export class SessionZone implements Sessions {
  readonly id: ByteString;
  readonly limits: SessionLimits;
  readonly #store: SessionStore;
  #remote: RemoteSessions | undefined;

  constructor(id: ByteString, limits: SessionLimits) {
    this.id = id;
    this.limits = limits;
    this.#store = new SessionStore(limits);
  }

  connect(remote: RemoteSessions): void {
    this.#remote = remote;
  }

  put(id: Buffer, session: Buffer, lifetimeS: number, done: () => void = nothing): void {
    this.#store.put(id, session, lifetimeS);
    if (this.#remote === undefined) done();
    else this.#remote.put(this.id, id, session, lifetimeS, done);
  }

  /** What this process has. */
  get(id: Buffer): Buffer | undefined {
    return this.#store.get(id);
  }

  /** What another process has; calls back at once where there is none. */
  ask(id: Buffer, done: (session: Buffer | undefined) => void): void {
    if (this.#remote === undefined) done(undefined);
    else this.#remote.find(this.id, id, done);
  }

  remove(id: Buffer): void {
    this.#store.remove(id);
    this.#remote?.remove(this.id, id);
  }

  /** Another process has removed it. */
  forget(id: Buffer): void {
    this.#store.remove(id);
  }
}

/** What the TLS of a server takes of it. */
export interface TlsShares {
  get(name: ByteString, bytes: number): SessionZone;
  builtin(limits: SessionLimits): SessionZone;
  ticketKeys(zone: SessionZone | undefined, lifetimeS: number): TicketKeys;
}

/** For a server whose TLS is made again and again: the same each time. */
export class SameShares implements TlsShares {
  readonly #shares: TlsShares;
  #builtin: SessionZone | undefined;
  #keys: TicketKeys | undefined;

  constructor(shares: TlsShares) {
    this.#shares = shares;
  }

  get(name: ByteString, bytes: number): SessionZone {
    return this.#shares.get(name, bytes);
  }

  builtin(limits: SessionLimits): SessionZone {
    this.#builtin ??= this.#shares.builtin(limits);
    return this.#builtin;
  }

  ticketKeys(zone: SessionZone | undefined, lifetimeS: number): TicketKeys {
    this.#keys ??= this.#shares.ticketKeys(zone, lifetimeS);
    return this.#keys;
  }
}

export class SessionZones implements TlsShares {
  readonly #zones = new Map<ByteString, SessionZone>();
  readonly #keys = new Map<ByteString, RotatingKeys>();
  #servers = 0;
  #builtin = 0;

  get(name: ByteString, bytes: number): SessionZone {
    // A zone of another size is another zone.
    return this.#zone(`${name}:${bytes}`, { sessions: Number.POSITIVE_INFINITY, bytes });
  }

  /**
   * One for a server alone, found again after a reload by its place among such servers. nginx has one in each worker,
   * and wakes the same worker for a client that comes back soon; here the client may get another one.
   */
  builtin(limits: SessionLimits): SessionZone {
    return this.#zone(`#builtin${this.#builtin++}:${limits.sessions}`, limits);
  }

  #zone(id: ByteString, limits: SessionLimits): SessionZone {
    const zone = this.#zones.get(id) ?? new SessionZone(id, limits);
    this.#zones.set(id, zone);
    return zone;
  }

  /**
   * Keys for a server that has no files of them. Servers of a zone have the same ones; a server without a zone has its
   * own, found again after a reload by its place among such servers.
   */
  ticketKeys(zone: SessionZone | undefined, lifetimeS: number): TicketKeys {
    const id = zone?.id ?? `#${this.#servers++}`;
    const keys = this.#keys.get(id) ?? new RotatingKeys(lifetimeS);
    keys.lifetimeS = Math.max(keys.lifetimeS, lifetimeS);
    this.#keys.set(id, keys);
    return keys;
  }

  get uses(): readonly SharedUse[] {
    return [...new Set([...this.#zones.keys(), ...this.#keys.keys()])].map((id) => ({
      id,
      limits: this.#zones.get(id)?.limits,
      ticketLifetimeS: this.#keys.get(id)?.lifetimeS,
    }));
  }

  /** From here on sessions are shared with another process, which also makes the ticket keys. */
  connect(remote: RemoteSessions, keys: TicketKeysById): void {
    for (const zone of this.#zones.values()) zone.connect(remote);
    this.deal(keys);
  }

  /** New ticket keys from the other process. */
  deal(keys: TicketKeysById): void {
    for (const [id, dealt] of keys) this.#keys.get(id)?.follow(dealt);
  }

  /** A session that another process has removed. */
  forget(zone: ByteString, id: Buffer): void {
    this.#zones.get(zone)?.forget(id);
  }

  /** The other process is gone: the keys at hand go on, and are renewed here. */
  disconnect(): void {
    for (const keys of this.#keys.values()) keys.lead();
  }
}
