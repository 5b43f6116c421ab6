// The groups of a configuration, for those who look at them from outside and change them.
import type { Store } from '../../conf/store.ts';
import type { LocalControl } from '../../control/local.ts';
import type { StatsRegistry } from '../../stats/registry.ts';
import { SteeredGroup } from '../../upstream/steered-group.ts';
import { UPSTREAMS } from './context.ts';

/** @param stores of the servers, each of which has all groups */
export function showGroups([store]: readonly Store[], stats: StatsRegistry, control: LocalControl | undefined): void {
  for (const group of store?.get(UPSTREAMS).groups ?? []) {
    group.countIn(stats, group.zoneName);
    if (group.zone !== undefined) control?.add(new SteeredGroup(group));
  }
}
