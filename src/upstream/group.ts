// An upstream: its peers, and how one is chosen. Made by a block, or by a URL alone.
import type { ByteString } from '../conf/directive.ts';
import { formatAddress, type SocketAddress } from '../core/address.ts';
import type { ResolverSpec } from '../core/resolver-directive.ts';
import { type PeerView, peerKey, type StatsRegistry } from '../stats/registry.ts';
import type { Balancer } from './balance/balancer.ts';
import { roundRobinBalancer } from './balance/least-conn.ts';
import { Peer, PLAIN_SERVER, type ServerParameters } from './peer.ts';
import { viewOf } from './peer-view.ts';
import type { PeerZone } from './peer-zone.ts';
import { Selection } from './selection.ts';

/** A `server` line. */
export interface ServerLine {
  readonly text: ByteString;
  /** Of a name that is looked up anew at run time: none. */
  readonly addresses: readonly SocketAddress[];
  readonly parameters: ServerParameters;
  /** Of `resolve`. */
  readonly resolve: { readonly host: ByteString; readonly port: number } | undefined;
}

/** How names are looked up at run time. */
export interface LookupRules {
  readonly resolver: ResolverSpec | undefined;
  /** undefined: as where the upstream is used. */
  readonly timeoutMs: number | undefined;
}

const NO_LOOKUP: LookupRules = { resolver: undefined, timeoutMs: undefined };

/** @typeParam S what is balanced: requests, sessions */
export class UpstreamGroup<S> {
  /** As `$upstream_addr` and the log show it where no peer is to be had. */
  readonly name: ByteString;
  readonly lookup: LookupRules;
  readonly #balancer: Balancer<S>;
  #lines: readonly ServerLine[];
  /** Shared with other processes. */
  readonly zone: PeerZone | undefined;
  readonly #resolved = new Map<ServerLine, readonly Peer[]>();
  /** Where they are no longer those of the line. */
  readonly #changed = new Map<ServerLine, ServerParameters>();
  #nextId = 0;
  /** When a look-up that failed may be tried again. */
  readonly #retryMs = new Map<ServerLine, number>();
  #primary: readonly Peer[] = [];
  #backup: readonly Peer[] = [];
  #stats: StatsRegistry | undefined;

  constructor(
    name: ByteString,
    lines: readonly ServerLine[],
    balancer: Balancer<S>,
    lookup: LookupRules = NO_LOOKUP,
    zone?: PeerZone,
  ) {
    this.name = name;
    this.lookup = lookup;
    this.zone = zone;
    this.#balancer = balancer;
    this.#lines = lines;
    for (const line of lines) this.#resolved.set(line, peersOf(line, line.addresses));
    this.#arrange();
  }

  /** Lines whose names are looked up at run time. */
  get dynamic(): readonly ServerLine[] {
    return this.#lines.filter(({ resolve }) => resolve !== undefined);
  }

  /** All that there are at present. */
  get peers(): readonly Peer[] {
    return [...this.#primary, ...this.#backup];
  }

  /** There are addresses of an earlier look-up. */
  knows(line: ServerLine): boolean {
    return (this.#resolved.get(line) ?? []).length > 0;
  }

  /** Not again so soon after one that failed. */
  mayLookUp(line: ServerLine, nowMs: number): boolean {
    return nowMs >= (this.#retryMs.get(line) ?? 0);
  }

  lookUpLater(line: ServerLine, atMs: number): void {
    this.#retryMs.set(line, atMs);
  }

  /** What a look-up has found. Peers that stay keep their state. */
  update(line: ServerLine, addresses: readonly SocketAddress[]): void {
    const known = this.#resolved.get(line) ?? [];
    const texts = addresses.map(formatAddress);
    if (known.length === texts.length && known.every(({ text }) => texts.includes(text))) return;
    const kept = known.filter(({ text }) => texts.includes(text));
    const fresh = addresses.filter((_, i) => !kept.some(({ text }) => text === texts[i]));
    this.#resolved.set(line, [...kept, ...peersOf(line, fresh, this.#changed.get(line))]);
    for (const peer of known) if (!kept.includes(peer)) this.#stats?.dropPeer(this.#keyOf(peer));
    this.#arrange();
  }

  /** The servers by the names of their lines. */
  has(server: ByteString): boolean {
    return this.#lines.some(({ text }) => text === server);
  }

  get allowsBackup(): boolean {
    return this.#balancer.allowsBackup;
  }

  /** Sessions that a server has stay, whatever changes. */
  change(server: ByteString, change: (parameters: ServerParameters) => ServerParameters): void {
    for (const line of this.#lines.filter(({ text }) => text === server)) {
      const parameters = change(this.#changed.get(line) ?? line.parameters);
      this.#changed.set(line, parameters);
      for (const peer of this.#resolved.get(line) ?? []) peer.change(parameters);
    }
    this.#arrange();
  }

  add(line: ServerLine): void {
    this.#lines = [...this.#lines, line];
    this.#resolved.set(line, peersOf(line, line.addresses));
    this.#arrange();
  }

  remove(server: ByteString): void {
    for (const line of this.#lines.filter(({ text }) => text === server)) {
      for (const peer of this.#resolved.get(line) ?? []) this.#stats?.dropPeer(this.#keyOf(peer));
      this.#resolved.delete(line);
      this.#changed.delete(line);
    }
    this.#lines = this.#lines.filter(({ text }) => text !== server);
    this.#arrange();
  }

  /** @param maxTries proxy_next_upstream_tries */
  select(subject: S, maxTries: number): Selection {
    const picker = this.#balancer.begin(subject);
    const backupPicker = this.#balancer.allowsBackup ? picker : roundRobinBalancer.begin(subject);
    return new Selection({ primary: this.#primary, backup: this.#backup, picker, backupPicker }, maxTries);
  }

  /** From here on it is counted what its peers do. @param zone the name of the zone that it shares with other processes */
  countIn(stats: StatsRegistry, zone: ByteString | undefined): void {
    this.#stats = stats;
    this.#countAll(this.#all);
    stats.add({
      name: this.name,
      zone,
      allowsBackup: this.allowsBackup,
      peers: () => this.#all.map((peer) => this.#viewOf(peer)),
    });
  }

  #viewOf(peer: Peer): PeerView {
    return viewOf(peer, this.#keyOf(peer), this.zone?.checksOf(peer) ?? []);
  }

  #countAll(peers: readonly Peer[]): void {
    for (const peer of peers) peer.counters ??= this.#stats?.peer(this.#keyOf(peer));
  }

  #keyOf({ server, text }: Peer): string {
    return peerKey(this.name, server, text);
  }

  get #all(): Peer[] {
    return this.#lines.flatMap((line) => this.#resolved.get(line) ?? []);
  }

  #arrange(): void {
    const all = this.#all;
    this.#primary = all.filter(({ parameters }) => !parameters.backup);
    this.#backup = all.filter(({ parameters }) => parameters.backup);
    for (const peer of all) {
      peer.alone = all.length === 1;
      if (peer.id < 0) peer.id = this.#nextId++;
    }
    this.zone?.watch(all);
    this.#countAll(all);
  }
}

const peersOf = (
  { text, parameters: own }: ServerLine,
  addresses: readonly SocketAddress[],
  parameters = own,
): Peer[] => addresses.map((address) => new Peer(address, formatAddress(address), text, parameters));

/** The only line of a group that no block makes. */
export const plainLine = (text: ByteString, addresses: readonly SocketAddress[]): ServerLine => ({
  text,
  addresses,
  parameters: PLAIN_SERVER,
  resolve: undefined,
});
