// What the workers of a zone tell each other about its peers: how much each has to do, and how it has failed.
import type { ByteString } from '../conf/directive.ts';
import type { Peer, PeerHealth, PeerWatcher } from './peer.ts';

/** What a worker has to tell of a peer. */
export interface PeerReport {
  readonly peer: ByteString;
  /** What it is at work on for this worker. */
  readonly conns: number;
  /** undefined: nothing new. */
  readonly health: PeerHealth | undefined;
}

/** What a worker has to know of a peer. */
export interface PeerNews {
  readonly peer: ByteString;
  /** What it is at work on for other workers. */
  readonly conns: number;
  readonly health: PeerHealth | undefined;
}

/** Another process that knows of all workers. */
export interface RemotePeers {
  /** @returns false: not now, later again */
  report(zone: ByteString, reports: readonly PeerReport[]): boolean;
}

/** Others hear of changes after this, of all of them at once. */
const FLUSH_MS = 20;

interface Watched {
  readonly key: ByteString;
  /** The health that is not told yet. */
  isNews: boolean;
}

export class PeerZone implements PeerWatcher {
  /** Changes where it can no longer be the same thing. */
  readonly id: ByteString;
  readonly #peers = new Map<ByteString, Peer>();
  readonly #watched = new WeakMap<Peer, Watched>();
  readonly #changed = new Set<Peer>();
  /** Of peers that may come, too: names are looked up again and again. */
  readonly #known = new Map<ByteString, PeerNews>();
  #remote: RemotePeers | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(id: ByteString) {
    this.id = id;
  }

  /** @param peers all of a group; of several that are the same one is shared */
  watch(peers: readonly Peer[]): void {
    this.#peers.clear();
    for (const peer of peers) {
      const key = `${peer.server} ${peer.text}`;
      if (this.#peers.has(key)) continue;
      this.#peers.set(key, peer);
      if (this.#watched.has(peer)) continue;
      this.#watched.set(peer, { key, isNews: false });
      peer.watcher = this;
      const news = this.#known.get(key);
      if (news !== undefined) this.#apply(peer, news);
    }
    for (const key of this.#known.keys()) if (!this.#peers.has(key)) this.#known.delete(key);
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
      reports.push({ peer: watched.key, conns: peer.conns, health: watched.isNews ? peer.health : undefined });
    }
    if (this.#remote?.report(this.id, reports) === false) {
      this.#timer = setTimeout(() => this.#flush(), FLUSH_MS).unref();
      return;
    }
    for (const peer of this.#changed) {
      const watched = this.#watched.get(peer);
      if (watched !== undefined) watched.isNews = false;
    }
    this.#changed.clear();
  }
}
