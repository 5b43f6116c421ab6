// What a metric is made of: a family, and where its samples come from.
import type { PeerNumbers } from '../../stats/peer-counters.ts';
import type { PeerState, StatsRegistry } from '../../stats/registry.ts';
import type { ResolverNumbers } from '../../stats/resolver-counters.ts';
import type { ServerNumbers } from '../../stats/server-counters.ts';
import type { Everything } from '../../stats/status.ts';
import type { Family, Sample } from './text.ts';

/** The numbers of a mail server, with its labels. */
export interface ServerRow {
  readonly labels: readonly string[];
  readonly numbers: ServerNumbers;
}

export interface PeerRow {
  readonly labels: readonly string[];
  /** Several, where it stands several times in its group. */
  readonly states: readonly PeerState[];
  readonly numbers: PeerNumbers;
}

export interface ResolverRow {
  readonly labels: readonly string[];
  readonly numbers: ResolverNumbers;
}

export interface Source {
  readonly everything: Everything;
  readonly registry: StatsRegistry;
  readonly servers: readonly ServerRow[];
  readonly peers: readonly PeerRow[];
  readonly resolvers: readonly ResolverRow[];
}

export interface Metric extends Family {
  samples(source: Source): readonly Sample[];
}

type Value = Sample['value'];

/** A value of each mail server. */
export const perServer = (
  type: Family['type'],
  name: string,
  help: string,
  of: (numbers: ServerNumbers) => Value,
): Metric => perServerBy(type, name, help, [], (numbers) => [[[], of(numbers)]]);

/** Several values of each mail server, by further labels. */
export const perServerBy = (
  type: Family['type'],
  name: string,
  help: string,
  labels: readonly string[],
  of: (numbers: ServerNumbers) => readonly (readonly [labels: readonly string[], value: Value])[],
): Metric => ({
  type,
  name: `postern_mail_${name}`,
  help,
  labels: ['server', 'protocol', ...labels],
  samples: ({ servers }) =>
    servers.flatMap((row) => of(row.numbers).map(([more, value]) => ({ labels: [...row.labels, ...more], value }))),
});

/** A value of each backend of a group, or several. */
export const perPeer = (
  type: Family['type'],
  name: string,
  help: string,
  labels: readonly string[],
  of: (row: PeerRow) => readonly (readonly [labels: readonly string[], value: Value])[],
): Metric => ({
  type,
  name: `postern_mail_upstream_peer_${name}`,
  help,
  labels: ['upstream', 'peer', 'address', ...labels],
  samples: ({ peers }) =>
    peers.flatMap((row) => of(row).map(([more, value]) => ({ labels: [...row.labels, ...more], value }))),
});

/** A value of each resolver, by another label. */
export const perResolver = <L extends string>(
  name: string,
  help: string,
  label: string,
  values: readonly L[],
  of: (numbers: ResolverNumbers, value: L) => number,
): Metric => ({
  type: 'counter',
  name: `postern_resolver_${name}`,
  help,
  labels: ['resolver', label],
  samples: ({ resolvers }) =>
    resolvers.flatMap(({ labels, numbers }) =>
      values.map((value) => ({ labels: [...labels, value], value: of(numbers, value) })),
    ),
});

/** Of the whole. */
export const overall = (
  type: Family['type'],
  name: string,
  help: string,
  labels: readonly string[],
  samples: (everything: Everything) => readonly (readonly [labels: readonly string[], value: Value])[],
): Metric => ({
  type,
  name: `postern_${name}`,
  help,
  labels,
  samples: ({ everything }) => samples(everything).map(([values, value]) => ({ labels: values, value })),
});
