// What a process counts, by name: its mail servers, and the backends of its groups, with what is to be known of these.
import type { ByteString } from '../conf/directive.ts';
import { type Blocks, reset } from './block.ts';
import { PeerCounters } from './peer-counters.ts';
import { RequestCounters } from './request-counters.ts';
import { ResolverCounters } from './resolver-counters.ts';
import { ServerCounters } from './server-counters.ts';

/** One or more servers of a protocol that are counted together. */
export interface ServerZone {
  readonly name: ByteString;
  readonly protocol: string;
  /** Of its block. */
  readonly key: string;
  readonly counters: ServerCounters;
}

/** One or more resolvers that are counted together, and which blocks have them. */
export interface ResolverZone {
  readonly name: ByteString;
  /** Of its block of counters. */
  readonly key: string;
  readonly counters: ResolverCounters;
  readonly users: ReadonlySet<ResolverUser>;
}

/** Of what requests of http are counted: servers, or locations. */
export type RequestPlace = 'server' | 'location';

export interface RequestZone {
  readonly name: ByteString;
  readonly place: RequestPlace;
  /** Of its block of counters. */
  readonly key: string;
  readonly counters: RequestCounters;
}

export type ResolverUser = 'mail' | 'http';

/** As nginx has them: `down` by the configuration, `unavail` after failures, `unhealthy` and `checking` by checks. */
export const PEER_STATES = ['up', 'draining', 'down', 'unavail', 'checking', 'unhealthy'] as const;
export type PeerState = (typeof PEER_STATES)[number];

/** What health checks of a peer have come to. */
export interface ChecksView {
  readonly checks: number;
  readonly fails: number;
  /** How often it has become unhealthy. */
  readonly unhealthy: number;
  readonly lastPassed: boolean;
}

/** What the line of a server in a group says, or what has become of that. */
export interface ServerView {
  /** In its group, as long as it is there. */
  readonly id: number;
  /** As the `server` line names it. */
  readonly name: ByteString;
  readonly backup: boolean;
  readonly weight: number;
  /** 0 is without limit. */
  readonly maxConns: number;
  readonly maxFails: number;
  readonly failTimeoutMs: number;
  readonly slowStartMs: number;
  readonly down: boolean;
  /** It gets no new users. */
  readonly drain?: boolean;
}

export interface PeerView extends ServerView {
  /** The id of the name that it was looked up for at run time; undefined: for none. */
  readonly parent: number | undefined;
  /** Of its block. */
  readonly key: string;
  readonly address: ByteString;
  readonly state: PeerState;
  /** undefined: there were none. */
  readonly checks: ChecksView | undefined;
}

/** A group of backends. */
export interface UpstreamView {
  readonly name: ByteString;
  /** undefined: each worker has its own idea of what failed. */
  readonly zone: ByteString | undefined;
  /** `server` lines may say `backup`. */
  readonly allowsBackup: boolean;
  /** `server` lines may say `resolve`. */
  readonly looksUpNames: boolean;
  /** That of the next server which is added. */
  nextId(): number;
  peers(): readonly PeerView[];
  /** Of which peers are looked up at run time. */
  names(): readonly ServerView[];
}

export class StatsRegistry {
  readonly #zones = new Map<string, ServerZone>();
  readonly #resolvers = new Map<ByteString, ResolverZone & { readonly users: Set<ResolverUser> }>();
  readonly #requests = new Map<string, RequestZone>();
  readonly #upstreams: UpstreamView[] = [];
  readonly #peers = new Map<string, PeerCounters>();

  get zones(): readonly ServerZone[] {
    return [...this.#zones.values()];
  }

  get resolvers(): readonly ResolverZone[] {
    return [...this.#resolvers.values()];
  }

  get upstreams(): readonly UpstreamView[] {
    return this.#upstreams;
  }

  /** Servers of the same name and protocol share what they count. */
  server(name: ByteString, protocol: string): ServerCounters {
    const key = `${SERVER}${protocol}\0${name}`;
    const known = this.#zones.get(key)?.counters;
    if (known !== undefined) return known;
    const counters = new ServerCounters();
    this.#zones.set(key, { name, protocol, key, counters });
    return counters;
  }

  /** Resolvers of the same name share what they count, whoever has them. */
  resolver(name: ByteString, user: ResolverUser): ResolverCounters {
    const key = `resolver\0${name}`;
    const zone = this.#resolvers.get(name) ?? { name, key, counters: new ResolverCounters(), users: new Set() };
    zone.users.add(user);
    this.#resolvers.set(name, zone);
    return zone.counters;
  }

  get requestZones(): readonly RequestZone[] {
    return [...this.#requests.values()];
  }

  /** Servers of the same name share what they count, and so do locations. */
  requests(place: RequestPlace, name: ByteString): RequestCounters {
    const key = `http ${place}\0${name}`;
    const zone = this.#requests.get(key) ?? { name, place, key, counters: new RequestCounters() };
    this.#requests.set(key, zone);
    return zone.counters;
  }

  add(upstream: UpstreamView): void {
    this.#upstreams.push(upstream);
  }

  peer(key: string): PeerCounters {
    const counters = this.#peers.get(key) ?? new PeerCounters();
    this.#peers.set(key, counters);
    return counters;
  }

  /** The addresses of a name have changed: this one is gone. What still goes on there is no longer counted. */
  dropPeer(key: string): void {
    this.#peers.delete(key);
  }

  /** @param key of the block: what it has counted is forgotten, but for what is there now */
  reset(key: string): void {
    const values = this.blocks.get(key);
    if (values !== undefined) reset(values);
  }

  /** The arrays at work: to be copied before they change. */
  get blocks(): Blocks {
    const blocks = new Map<string, Float64Array>();
    for (const { key, counters } of this.#zones.values()) blocks.set(key, counters.values);
    for (const { key, counters } of this.#resolvers.values()) blocks.set(key, counters.values);
    for (const { key, counters } of this.#requests.values()) blocks.set(key, counters.values);
    for (const [key, { values }] of this.#peers) blocks.set(key, values);
    return blocks;
  }
}

/** Of the block of a server. */
const SERVER = 'server\0';

/** @param key of a block @returns undefined: it is not that of a server */
export const protocolOf = (key: string): string | undefined =>
  key.startsWith(SERVER) ? key.slice(SERVER.length, key.indexOf('\0', SERVER.length)) : undefined;

/** @param nth how many of the same stand before it */
export const peerKey = (group: ByteString, server: ByteString, address: ByteString, nth: number): string =>
  `peer\0${group}\0${server}\0${address}${nth === 0 ? '' : `\0${nth}`}`;
