// What was counted at one moment, to be compared with later ones.

import { PeerNumbers } from '../../stats/peer-counters.ts';
import type { StatsRegistry } from '../../stats/registry.ts';
import { ServerNumbers } from '../../stats/server-counters.ts';
import type { Everything } from '../../stats/status.ts';

export interface Snapshot {
  readonly atMs: number;
  readonly everything: Omit<Everything, 'total'>;
  /** By the keys of their blocks. */
  readonly servers: ReadonlyMap<string, ServerNumbers>;
  readonly peers: ReadonlyMap<string, PeerNumbers>;
}

/** Copies: the blocks are counted in. */
export function takeSnapshot({ total, ...rest }: Everything, registry: StatsRegistry, atMs: number): Snapshot {
  const copy = (key: string): Float64Array | undefined => total.blocks.get(key)?.slice();
  const servers = registry.zones.map(({ key }) => [key, new ServerNumbers(copy(key))] as const);
  const peers = registry.upstreams.flatMap((group) =>
    group.peers().map(({ key }) => [key, new PeerNumbers(copy(key))] as const),
  );
  return { atMs, everything: rest, servers: new Map(servers), peers: new Map(peers) };
}
