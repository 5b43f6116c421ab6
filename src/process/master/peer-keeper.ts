// The master's part in what workers share of upstream peers: adds up what each has to tell, and tells the others.
import type { ByteString } from '../../conf/directive.ts';
import type { CheckState } from '../../upstream/health/check-state.ts';
import type { PeerHealth } from '../../upstream/peer.ts';
import type { PeerNews } from '../../upstream/peer-zone.ts';
import type { PeersMessage, ToWorker } from '../messages.ts';

/** A worker, of whatever configuration. */
export interface PeerUser {
  tell(message: ToWorker): void;
}

interface Kept {
  /** By worker; those that have none are not in it. */
  readonly conns: Map<PeerUser, number>;
  health: PeerHealth | undefined;
  checks: readonly CheckState[] | undefined;
}

interface Zone {
  readonly users: Set<PeerUser>;
  readonly peers: Map<ByteString, Kept>;
  readonly changed: Set<ByteString>;
}

/** Workers hear of changes after this, of all of them at once. */
const FLUSH_MS = 20;

export class PeerKeeper {
  readonly #zones = new Map<ByteString, Zone>();
  /** Their last words may be read after their end was seen. */
  readonly #gone = new WeakSet<PeerUser>();
  #timer: NodeJS.Timeout | undefined;

  receive(from: PeerUser, { zone: id, reports }: PeersMessage): void {
    if (this.#gone.has(from)) return;
    const zone = this.#zones.get(id) ?? { users: new Set(), peers: new Map(), changed: new Set() };
    this.#zones.set(id, zone);
    if (!zone.users.has(from)) {
      zone.users.add(from);
      tell(from, id, zone, [...zone.peers.keys()]);
    }
    for (const { peer, conns, health, checks } of reports) {
      const kept = zone.peers.get(peer) ?? nothingOf();
      zone.peers.set(peer, kept);
      if (conns > 0) kept.conns.set(from, conns);
      else kept.conns.delete(from);
      kept.health = health ?? kept.health;
      kept.checks = checks ?? kept.checks;
      this.#note(zone, peer);
    }
  }

  leave(user: PeerUser): void {
    this.#gone.add(user);
    for (const [id, zone] of this.#zones) {
      if (!zone.users.delete(user)) continue;
      if (zone.users.size === 0) this.#zones.delete(id);
      for (const [peer, { conns }] of zone.peers) if (conns.delete(user)) this.#note(zone, peer);
    }
  }

  #note(zone: Zone, peer: ByteString): void {
    zone.changed.add(peer);
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS).unref();
  }

  #flush(): void {
    this.#timer = undefined;
    for (const [id, zone] of this.#zones) {
      if (zone.changed.size === 0) continue;
      for (const user of zone.users) tell(user, id, zone, [...zone.changed]);
      for (const peer of zone.changed) if (isOver(zone.peers.get(peer))) zone.peers.delete(peer);
      zone.changed.clear();
    }
  }
}

function tell(user: PeerUser, id: ByteString, { peers }: Zone, changed: readonly ByteString[]): void {
  if (changed.length === 0) return;
  const news = changed.map((peer): PeerNews => {
    const { conns, health, checks } = peers.get(peer) ?? nothingOf();
    let others = 0;
    for (const [owner, count] of conns) if (owner !== user) others += count;
    return { peer, conns: others, health, checks };
  });
  user.tell({ kind: 'peers', zone: id, news });
}

const nothingOf = (): Kept => ({ conns: new Map(), health: undefined, checks: undefined });

/** Who checks says that nothing is known of it any more: its name stands for others now. */
const isOver = (kept: Kept | undefined): boolean => kept?.checks?.length === 0 && kept.conns.size === 0;
