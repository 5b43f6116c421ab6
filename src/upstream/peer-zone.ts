// What the workers of a zone tell each other about its peers: how much each has to do, and how it has failed.
import type { ByteString } from '../conf/directive.ts';
import type { CheckRules, CheckState } from './health/check-state.ts';
import { PeerChecks } from './health/peer-checks.ts';
import type { Peer, PeerHealth, PeerWatcher } from './peer.ts';

/** What a worker has to tell of a peer. */
export interface PeerReport {
  readonly peer: ByteString;
  /** What it is at work on for this worker. */
  readonly conns: number;
  /** undefined: nothing new. */
  readonly health: PeerHealth | undefined;
  /** The same. */
  readonly checks?: readonly CheckState[] | undefined;
}

/** What a worker has to know of a peer. */
export interface PeerNews {
  readonly peer: ByteString;
  /** What it is at work on for other workers. */
  readonly conns: number;
  readonly health: PeerHealth | undefined;
  readonly checks?: readonly CheckState[] | undefined;
}

/** Another process that knows of all workers. */
export interface RemotePeers {
  /** @returns false: not now, later again */
  report(zone: ByteString, reports: readonly PeerReport[]): boolean;
  /** This process could check the peers of a zone, for all: it is told when it has to. */
  offer(zone: ByteString): void;
  withdraw(zone: ByteString): void;
}

/** Who checks the peers of a zone, when it falls to this process. */
export interface CheckDuty {
  begin(): void;
  /** There are other peers now. */
  peersChanged(): void;
}

/** Others hear of changes after this, of all of them at once. */
const FLUSH_MS = 20;

interface Watched {
  readonly key: ByteString;
  /** The health that is not told yet. */
  isNews: boolean;
  /** The same of what checks have come to. */
  areChecksNews: boolean;
}

export class PeerZone implements PeerWatcher {
  /** Changes where it can no longer be the same thing. */
  readonly id: ByteString;
  readonly checks = new PeerChecks();
  readonly #peers = new Map<ByteString, Peer>();
  readonly #watched = new WeakMap<Peer, Watched>();
  readonly #changed = new Set<Peer>();
  /** Of peers that may come, too: names are looked up again and again. */
  readonly #known = new Map<ByteString, PeerNews>();
  #all: readonly Peer[] = [];
  #remote: RemotePeers | undefined;
  #timer: NodeJS.Timeout | undefined;
  #duty: CheckDuty | undefined;
  #isOnDuty = false;

  constructor(id: ByteString) {
    this.id = id;
  }

  /** By their keys. */
  get peers(): ReadonlyMap<ByteString, Peer> {
    return this.#peers;
  }

  /** What is known of checks of a peer. */
  checksOf(peer: Peer): readonly CheckState[] {
    return this.checks.of(keyOf(peer));
  }

  /** @param peers all of a group */
  watch(peers: readonly Peer[]): void {
    const before = new Map(this.#peers);
    this.#all = peers;
    this.#peers.clear();
    for (const peer of peers) {
      const key = keyOf(peer);
      if (this.#peers.has(key)) continue;
      this.#peers.set(key, peer);
      if (this.#watched.has(peer)) continue;
      this.#watched.set(peer, { key, isNews: false, areChecksNews: false });
      peer.watcher = this;
      const news = this.#known.get(key);
      if (news !== undefined) this.#apply(peer, news);
    }
    for (const key of this.#known.keys()) if (!this.#peers.has(key)) this.#known.delete(key);
    if (this.checks.isUsed) this.#peersChanged(before);
  }

  /** Peers that are there already have to pass it as well. */
  addCheck(rules: CheckRules): void {
    this.checks.add(rules);
    this.#judge();
  }

  /** A check of a peer has ended. @returns what has changed with it */
  checked(key: ByteString, rules: CheckRules, passed: boolean, nowMs: number): 'healthy' | 'unhealthy' | undefined {
    const isFirst = !this.checks.knows(key, rules);
    const wasHealthy = this.checks.isHealthy(key, rules);
    this.checks.record(key, rules, passed, nowMs);
    this.#judge(key);
    const peer = this.#peers.get(key);
    if (peer !== undefined) this.#noteChecks(peer);
    const isHealthy = this.checks.isHealthy(key, rules);
    if (isHealthy === wasHealthy && (isHealthy || !isFirst)) return undefined;
    return isHealthy ? 'healthy' : 'unhealthy';
  }

  /** This process could check the peers, and does when nobody else is there who does. */
  offer(duty: CheckDuty): void {
    this.#duty = duty;
    if (this.#remote === undefined) this.assume();
    else this.#remote.offer(this.id);
  }

  withdraw(): void {
    this.#duty = undefined;
    this.#isOnDuty = false;
    this.#remote?.withdraw(this.id);
  }

  /** The duty falls to this process, if it has not withdrawn meanwhile. */
  assume(): void {
    if (this.#duty === undefined || this.#isOnDuty) return;
    this.#isOnDuty = true;
    this.#duty.begin();
  }

  /** From here on there are other workers. What is known there comes as news. */
  connect(remote: RemotePeers): void {
    this.#remote = remote;
    this.#flush();
  }

  /** Nobody is there to be told any more: what others have to do is no longer known. */
  disconnect(): void {
    this.#remote = undefined;
    this.#changed.clear();
    for (const peer of this.#peers.values()) peer.othersConns = 0;
    this.assume();
  }

  loadChanged(peer: Peer): void {
    this.#note(peer);
  }

  healthChanged(peer: Peer): void {
    const watched = this.#watched.get(peer);
    if (watched !== undefined) watched.isNews = true;
    this.#note(peer);
  }

  hear(news: readonly PeerNews[]): void {
    for (const one of news) {
      this.#hearChecks(one);
      const peer = this.#peers.get(one.peer);
      if (peer === undefined) continue;
      this.#known.set(one.peer, one);
      this.#apply(peer, one);
    }
  }

  #apply(peer: Peer, { conns, health }: PeerNews): void {
    peer.othersConns = conns;
    // What is to be told is newer.
    if (health !== undefined && this.#watched.get(peer)?.isNews !== true) peer.health = health;
  }

  /** Also of peers that are not known here yet: names are looked up by each process when it needs to. */
  #hearChecks({ peer, checks }: PeerNews): void {
    if (checks === undefined || !this.checks.isUsed || this.#isOnDuty) return;
    this.checks.keep(peer, checks);
    this.#judge(peer);
  }

  #peersChanged(before: ReadonlyMap<ByteString, Peer>): void {
    for (const [key, peer] of before) {
      if (this.#peers.has(key)) continue;
      this.checks.forget(key);
      if (this.#isOnDuty) this.#noteChecks(peer);
    }
    this.#judge();
    if (this.#isOnDuty) this.#duty?.peersChanged();
  }

  /** @param key of the peers that come into question; undefined: of all */
  #judge(key?: ByteString): void {
    for (const peer of this.#all) {
      const own = keyOf(peer);
      if (key === undefined || own === key) peer.judge(this.checks.isOut(own), Date.now());
    }
  }

  #noteChecks(peer: Peer): void {
    const watched = this.#watched.get(peer);
    if (watched !== undefined) watched.areChecksNews = true;
    this.#note(peer);
  }

  #note(peer: Peer): void {
    if (this.#remote === undefined) return;
    this.#changed.add(peer);
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS).unref();
  }

  #flush(): void {
    this.#timer = undefined;
    const reports: PeerReport[] = [];
    for (const peer of this.#changed) {
      const watched = this.#watched.get(peer);
      if (watched === undefined) continue;
      const { key, isNews, areChecksNews } = watched;
      const health = isNews ? peer.health : undefined;
      reports.push({ peer: key, conns: peer.conns, health, checks: areChecksNews ? this.checks.of(key) : undefined });
    }
    if (this.#remote?.report(this.id, reports) === false) {
      this.#timer = setTimeout(() => this.#flush(), FLUSH_MS).unref();
      return;
    }
    for (const peer of this.#changed) {
      const watched = this.#watched.get(peer);
      if (watched === undefined) continue;
      watched.isNews = false;
      watched.areChecksNews = false;
    }
    this.#changed.clear();
  }
}

const keyOf = ({ server, text, nth }: Peer): ByteString => `${server} ${text}${nth === 0 ? '' : ` ${nth}`}`;
