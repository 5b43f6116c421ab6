// A peer as it is shown to those who look at it from outside.
import type { ChecksView, PeerView } from '../stats/registry.ts';
import type { CheckState } from './health/check-state.ts';
import type { Peer } from './peer.ts';

/**
 * @param key of its block of counters
 * @param checks what is known of its checks
 * @param parent the id of the name that it was looked up for
 */
export function viewOf(peer: Peer, key: string, checks: readonly CheckState[], parent: number | undefined): PeerView {
  return {
    key,
    id: peer.id,
    parent,
    name: peer.server,
    address: peer.text,
    ...peer.parameters,
    state: peer.stateAt(
      Date.now(),
      checks.some(({ isHealthy }) => !isHealthy),
    ),
    checks: checks.length === 0 ? undefined : togetherOf(checks),
  };
}

/** Of several checks. */
function togetherOf(checks: readonly CheckState[]): ChecksView {
  const sum = (of: (check: CheckState) => number): number => checks.reduce((all, check) => all + of(check), 0);
  return {
    checks: sum((check) => check.checks),
    fails: sum((check) => check.fails),
    unhealthy: sum((check) => check.unhealthy),
    lastPassed: checks.every(({ lastPassed }) => lastPassed),
  };
}
