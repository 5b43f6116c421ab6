// What goes on, of snapshots: numbers as they are, rates since the one before, and times of the last seconds.
import { countOf, type Histogram } from '../../stats/histogram.ts';
import { nameText } from '../../stats/name-text.ts';
import { PeerNumbers } from '../../stats/peer-counters.ts';
import { gained, quantile } from '../../stats/quantile.ts';
import type { PeerView, ServerZone, StatsRegistry, UpstreamView } from '../../stats/registry.ts';
import { type LoginOutcome, ServerNumbers, TLS_VERSIONS } from '../../stats/server-counters.ts';
import type { ProcessReport } from '../../stats/status.ts';
import type { Now, PeerLine, ServerLine, Times, WorkerLine } from './messages.ts';
import type { Snapshot } from './snapshot.ts';

/** A page has room for no more, and a message has a bound. */
const MAX_SERVERS = 256;
const MAX_PEERS = 512;

export interface Compared {
  readonly now: Snapshot;
  /** The one before; undefined: it is the first one, of which there are no rates. */
  readonly last: Snapshot | undefined;
  /** The oldest one that times are taken since. */
  readonly since: Snapshot | undefined;
}

export function nowOf(moments: Compared, registry: StatsRegistry): Now {
  const { now } = moments;
  const { history, processes } = now.everything;
  const lines = registry.zones.map((zone) => serverLine(zone, moments));
  const peers = registry.upstreams.flatMap((group) => group.peers().map((peer) => peerLine(group, peer, moments)));
  const sum = (of: (line: ServerLine) => number): number => rounded(lines.reduce((all, line) => all + of(line), 0));
  const leftOut = {
    servers: Math.max(0, lines.length - MAX_SERVERS),
    peers: Math.max(0, peers.length - MAX_PEERS),
  };
  return {
    kind: 'now',
    atMs: now.atMs,
    sessions: byProtocol(lines),
    ok: sum(({ ok }) => ok),
    refused: sum(({ refused }) => refused),
    error: sum(({ error }) => error),
    generation: history.reloads + 1,
    loadedMs: history.loadedMs,
    servers: cut(lines, MAX_SERVERS, busierFirst),
    peers: cut(peers, MAX_PEERS, worseFirst),
    tls: Object.fromEntries(TLS_VERSIONS.map((version) => [version, handshakes(now, version)])),
    workers: processes.map(workerLine),
    respawned: history.respawned,
    ...(leftOut.servers > 0 || leftOut.peers > 0 ? { leftOut } : {}),
  };
}

function serverLine({ key, name, protocol }: ServerZone, { now, last, since }: Compared): ServerLine {
  const numbers = now.servers.get(key) ?? NO_SERVER;
  const before = last?.servers.get(key);
  const earlier = since?.servers.get(key);
  const rate = rateSince(now, last);
  const logins = (outcome: LoginOutcome): number =>
    before === undefined ? 0 : rate(numbers.allLogins(outcome), before.allLogins(outcome));
  return {
    name: nameText(name),
    protocol,
    sessions: numbers.sessions,
    relays: numbers.relays,
    ok: logins('ok'),
    refused: logins('refused'),
    error: logins('error'),
    received: before === undefined ? 0 : rate(numbers.received, before.received),
    sent: before === undefined ? 0 : rate(numbers.sent, before.sent),
    auth: timesOf(numbers.authTimes, earlier?.authTimes),
    backend: timesOf(numbers.backendTimes, earlier?.backendTimes),
  };
}

function peerLine({ name }: UpstreamView, peer: PeerView, { now, since }: Compared): PeerLine {
  const numbers = now.peers.get(peer.key) ?? NO_PEER;
  const { checks, fails, lastPassed } = peer.checks ?? NO_CHECKS;
  return {
    group: nameText(name),
    server: nameText(peer.address),
    state: peer.state,
    backup: peer.backup,
    sessions: numbers.sessions,
    connections: numbers.connections,
    fails: numbers.fails,
    checks: peer.checks === undefined ? undefined : { checks, fails, lastPassed },
    login: timesOf(numbers.loginTimes, since?.peers.get(peer.key)?.loginTimes),
  };
}

const NO_SERVER = new ServerNumbers();
const NO_PEER = new PeerNumbers();
const NO_CHECKS = { checks: 0, fails: 0, lastPassed: false };

const workerLine = ({ pid, slot, condition, connections }: ProcessReport): WorkerLine => ({
  pid,
  slot,
  condition,
  connections: connections.active,
});

const handshakes = ({ servers }: Snapshot, version: (typeof TLS_VERSIONS)[number]): number =>
  [...servers.values()].reduce((all, it) => all + it.handshakes(version, false) + it.handshakes(version, true), 0);

function byProtocol(lines: readonly ServerLine[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { protocol, sessions } of lines) sums[protocol] = (sums[protocol] ?? 0) + sessions;
  return sums;
}

/** Numbers of a process that has ended without a word go back: that is no rate. */
const rateSince = (now: Snapshot, last: Snapshot | undefined) => {
  const seconds = last === undefined ? 0 : (now.atMs - last.atMs) / 1000;
  return (to: number, from: number): number => (seconds > 0 ? rounded(Math.max(0, to - from) / seconds) : 0);
};

function timesOf(now: Histogram, before: Histogram | undefined): Times | undefined {
  if (before === undefined) return undefined;
  const times = gained(now, before);
  const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
  if (p50 === undefined || p99 === undefined) return undefined;
  return { count: countOf(times), p50: rounded(p50), p99: rounded(p99) };
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** As they stand in the configuration, where there is room for all. */
const cut = <L>(lines: readonly L[], max: number, order: (a: L, b: L) => number): readonly L[] =>
  lines.length <= max ? lines : lines.toSorted(order).slice(0, max);

const busierFirst = (a: ServerLine, b: ServerLine): number => b.sessions - a.sessions;

const worseFirst = (a: PeerLine, b: PeerLine): number =>
  Number(a.state === 'up') - Number(b.state === 'up') || b.sessions - a.sessions;
