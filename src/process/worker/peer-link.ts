// A worker's part in what workers share of upstream peers.
import type { ByteString } from '../../conf/directive.ts';
import type { RemoteAffinity } from '../../upstream/affinity/zone.ts';
import type { PeerReport, RemotePeers } from '../../upstream/peer-zone.ts';
import type { PeerZones } from '../../upstream/peer-zones-module.ts';
import type { ChecksAnswer, PeersAnswer } from '../messages.ts';
import type { Tell } from './session-link.ts';

/** Messages that are on their way; beyond, the master does not keep up, and hears later, of all that was. */
const MAX_UNSENT = 100;

export class PeerLink implements RemotePeers {
  readonly #zones: PeerZones;
  readonly #tell: Tell;
  #unsent = 0;

  constructor(zones: PeerZones, affinity: RemoteAffinity, bornMs: number, tell: Tell) {
    this.#zones = zones;
    this.#tell = tell;
    zones.connect(this, affinity, bornMs);
  }

  report(zone: ByteString, reports: readonly PeerReport[]): boolean {
    if (this.#unsent >= MAX_UNSENT) return false;
    this.#unsent++;
    this.#tell({ kind: 'peers', zone, reports }, () => {
      this.#unsent--;
    });
    return true;
  }

  offer(zone: ByteString): void {
    this.#tell({ kind: 'offer-checks', zone }, () => {});
  }

  withdraw(zone: ByteString): void {
    this.#tell({ kind: 'withdraw-checks', zone }, () => {});
  }

  receive(message: PeersAnswer | ChecksAnswer): void {
    if (message.kind === 'peers') this.#zones.hear(message.zone, message.news);
    else this.#zones.assume(message.zone);
  }

  /** The master is gone: every worker is on its own. */
  lost(): void {
    this.#zones.disconnect();
  }
}
