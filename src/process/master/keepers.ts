// What a master keeps for its workers, of whatever configuration: that they do not know of each other.
import { AffinityKeeper } from './affinity-keeper.ts';
import { CheckKeeper } from './check-keeper.ts';
import { ControlKeeper } from './control-keeper.ts';
import { CountKeeper } from './count-keeper.ts';
import { HistoryKeeper } from './history-keeper.ts';
import { LockOutKeeper } from './lock-out-keeper.ts';
import { PeerKeeper } from './peer-keeper.ts';
import { SessionZoneKeeper } from './session-zones.ts';

export class Keepers {
  readonly sessions = new SessionZoneKeeper();
  readonly counts = new CountKeeper();
  readonly history = new HistoryKeeper(() => this.counts.total.blocks);
  readonly peers = new PeerKeeper();
  readonly checks = new CheckKeeper();
  readonly affinity = new AffinityKeeper();
  readonly control = new ControlKeeper((block) => this.counts.reset(block));
  readonly lockOut = new LockOutKeeper();
}
