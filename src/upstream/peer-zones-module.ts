// The zones of upstreams in a configuration, of http and of mail: what its workers share.
import type { ByteString } from '../conf/directive.ts';
import { defineCoreModule } from '../module/core-module.ts';
import { AffinityZone, type RemoteAffinity } from './affinity/zone.ts';
import { type PeerNews, PeerZone, type RemotePeers } from './peer-zone.ts';

export class PeerZones {
  readonly #zones = new Map<ByteString, PeerZone>();
  readonly #affinities = new Map<ByteString, AffinityZone>();

  /** @param use what tells upstreams of the same zone apart */
  add(zone: { readonly name: ByteString; readonly bytes: number }, use: ByteString): PeerZone {
    const id = `${zone.name} ${use}`;
    const known = this.#zones.get(id) ?? new PeerZone(id);
    this.#zones.set(id, known);
    return known;
  }

  /** For users; upstreams may share one. */
  affinity(name: ByteString, bytes: number): AffinityZone {
    const known = this.#affinities.get(name) ?? new AffinityZone(name, bytes);
    this.#affinities.set(name, known);
    return known;
  }

  /** @param bornMs when the configuration was read that the workers have in common */
  connect(remote: RemotePeers, affinity: RemoteAffinity, bornMs: number): void {
    for (const zone of this.#zones.values()) {
      zone.checks.bornMs = bornMs;
      zone.connect(remote);
    }
    for (const zone of this.#affinities.values()) zone.connect(affinity);
  }

  disconnect(): void {
    for (const zone of this.#zones.values()) zone.disconnect();
    for (const zone of this.#affinities.values()) zone.disconnect();
  }

  hear(zone: ByteString, news: readonly PeerNews[]): void {
    this.#zones.get(zone)?.hear(news);
  }

  /** It falls to this process to check the peers. */
  assume(zone: ByteString): void {
    this.#zones.get(zone)?.assume();
  }
}

/** Its struct is there from the beginning, for the blocks of http and mail. */
export const peerZonesModule = defineCoreModule<PeerZones, PeerZones>({
  name: 'upstream zones',
  directives: [],
  createConf: () => new PeerZones(),
  initConf: (zones) => zones,
});
