// An upstream: its peers, and how one is chosen. Made by a block, or by a URL alone.
import type { ByteString } from '../conf/directive.ts';
import { formatAddress, type SocketAddress } from '../core/address.ts';
import type { ResolverSpec } from '../core/resolver-directive.ts';
import { type PeerView, peerKey, type StatsRegistry } from '../stats/registry.ts';
import type { Balancer } from './balance/balancer.ts';
import { roundRobinBalancer } from './balance/least-conn.ts';
import { GroupServer, type ServerLine } from './group-server.ts';
import { Peer, PLAIN_SERVER, type ServerParameters } from './peer.ts';
import { viewOf } from './peer-view.ts';
import type { PeerZone } from './peer-zone.ts';
import { Selection } from './selection.ts';

/** How names are looked up at run time. */
export interface LookupRules {
  readonly resolver: ResolverSpec | undefined;
  /** undefined: as where the upstream is used. */
  readonly timeoutMs: number | undefined;
}

/** Of what names are looked up to: each process looks for itself, and these mean nothing to others. */
const FIRST_RESOLVED = 1_000_000;

const NO_LOOKUP: LookupRules = { resolver: undefined, timeoutMs: undefined };

/** @typeParam S what is balanced: requests, sessions */
export class UpstreamGroup<S> {
  /** As `$upstream_addr` and the log show it where no peer is to be had. */
  readonly name: ByteString;
  readonly lookup: LookupRules;
  readonly #balancer: Balancer<S>;
  #servers: readonly GroupServer[] = [];
  /** Shared with other processes. */
  readonly zone: PeerZone | undefined;
  #nextId = 0;
  #nextResolved = FIRST_RESOLVED;
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
    for (const line of lines) this.#take(line);
    this.#arrange();
  }

  /** Servers whose names are looked up at run time. */
  get dynamic(): readonly GroupServer[] {
    return this.#servers.filter(({ resolve }) => resolve !== undefined);
  }

  /** All that there are at present. */
  get peers(): readonly Peer[] {
    return [...this.#primary, ...this.#backup];
  }

  /** What a look-up has found. Peers that stay keep their state. */
  update(server: GroupServer, addresses: readonly SocketAddress[]): void {
    const known = server.peers;
    const texts = addresses.map(formatAddress);
    if (!this.#servers.includes(server)) return; // it was removed meanwhile
    if (known.length === texts.length && known.every(({ text }) => texts.includes(text))) return;
    const kept = known.filter(({ text }) => texts.includes(text));
    const fresh = addresses.filter((_, i) => !kept.some(({ text }) => text === texts[i]));
    server.peers = [...kept, ...fresh.map((address) => peerOf(server, address, this.#nextResolved++))];
    for (const peer of known) if (!kept.includes(peer)) this.#stats?.dropPeer(this.#keyOf(peer));
    this.#arrange();
  }

  /** @param id of an address of a line, or of a name, but not of what a name was looked up to */
  server(id: number): GroupServer | undefined {
    return this.#servers.find((server) => server.id === id);
  }

  /** A line names it so. */
  has(text: ByteString): boolean {
    return this.#servers.some((server) => server.text === text);
  }

  get allowsBackup(): boolean {
    return this.#balancer.allowsBackup;
  }

  change(server: GroupServer, parameters: ServerParameters): void {
    // What servers are owed by their old weights could be all that the next thousands of sessions come to.
    if (parameters.weight !== server.parameters.weight) for (const peer of this.#all) peer.currentWeight = 0;
    server.change(parameters);
    this.#arrange();
  }

  /** @param id of this line, which is one of a single server: what was added and removed before has left a gap */
  add(line: ServerLine, id: number): void {
    this.#nextId = Math.max(this.#nextId, id);
    this.#take(line);
    this.#arrange();
  }

  /** Sessions that it has stay. */
  remove(server: GroupServer): void {
    this.#servers = this.#servers.filter((one) => one !== server);
    for (const peer of server.peers) this.#stats?.dropPeer(this.#keyOf(peer));
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
      looksUpNames: this.lookup.resolver !== undefined,
      nextId: () => this.#nextId,
      peers: () => this.#servers.flatMap((server) => server.peers.map((peer) => this.#viewOf(peer, server))),
      names: () => this.dynamic.map(({ id, text, parameters }) => ({ id, name: text, ...parameters })),
    });
  }

  #viewOf(peer: Peer, { id, resolve }: GroupServer): PeerView {
    const parent = resolve === undefined ? undefined : id;
    return viewOf(peer, this.#keyOf(peer), this.zone?.checksOf(peer) ?? [], parent);
  }

  #countAll(peers: readonly Peer[]): void {
    for (const peer of peers) peer.counters ??= this.#stats?.peer(this.#keyOf(peer));
  }

  #keyOf({ server, text, nth }: Peer): string {
    return peerKey(this.name, server, text, nth);
  }

  get #all(): Peer[] {
    return this.#servers.flatMap(({ peers }) => peers);
  }

  /** Ids come from what all workers are told in the same order, and never from a look-up. */
  #take(line: ServerLine): void {
    const { text, addresses, resolve } = line;
    if (resolve !== undefined) {
      const nth = this.dynamic.filter((other) => other.text === text).length;
      this.#servers = [...this.#servers, new GroupServer(this.#nextId++, line, nth)];
      return;
    }
    const same = this.#all.filter((peer) => peer.server === text);
    const fresh = addresses.map((address) => {
      // A login has a group of its own where its backend is in no block: nothing is compared there.
      const nth = same.length === 0 ? 0 : same.filter((peer) => peer.text === formatAddress(address)).length;
      const server = new GroupServer(this.#nextId++, line, nth);
      server.peers = [peerOf(server, address, server.id)];
      return server;
    });
    this.#servers = this.#servers.length === 0 ? fresh : [...this.#servers, ...fresh];
  }

  #arrange(): void {
    const all = this.#all;
    this.#primary = all.filter(({ parameters }) => !parameters.backup);
    this.#backup = all.filter(({ parameters }) => parameters.backup);
    for (const peer of all) {
      peer.alone = all.length === 1;
    }
    this.zone?.watch(all);
    this.#countAll(all);
  }
}

const peerOf = ({ text, parameters, nth }: GroupServer, address: SocketAddress, id: number): Peer =>
  new Peer(address, formatAddress(address), text, parameters, id, nth);

/** The only line of a group that no block makes. */
export const plainLine = (text: ByteString, addresses: readonly SocketAddress[]): ServerLine => ({
  text,
  addresses,
  parameters: PLAIN_SERVER,
  resolve: undefined,
});
