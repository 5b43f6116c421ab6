// How a server learns what all processes have counted, and of how they are.
import { type ConnectionCounts, noCounts, sinceStart, sumOf } from '../core/connection-counts.ts';
import { activityOf, type Blocks, blocksSinceStart, noBlocks, sumOfBlocks } from './block.ts';
import { StatsRegistry } from './registry.ts';
import { SAMPLE_MS, type Sample, Samples } from './samples.ts';

/** What is counted, of one process or of several. */
export interface Counts {
  readonly connections: Readonly<ConnectionCounts>;
  readonly blocks: Blocks;
}

export const nothingCounted = (): Counts => ({ connections: noCounts(), blocks: noBlocks() });

export const sumOfCounts = (a: Counts, b: Counts): Counts => ({
  connections: sumOf(a.connections, b.connections),
  blocks: sumOfBlocks(a.blocks, b.blocks),
});

/** What has ended stays in the numbers since the start. @param sign -1 takes the second from the first */
export const countsSinceStart = (a: Counts, b: Counts, sign: 1 | -1): Counts => ({
  connections: sinceStart(a.connections, b.connections, sign),
  blocks: blocksSinceStart(a.blocks, b.blocks, sign),
});

/** Changes whenever something has been counted. */
export const activity = ({ connections, blocks }: Counts): number =>
  connections.accepted + connections.requests + activityOf(blocks);

/** How a process is: it has room for another connection, or none, or it takes none any more. */
export const CONDITIONS = ['serving', 'full', 'draining'] as const;
export type Condition = (typeof CONDITIONS)[number];

export interface ProcessReport extends Counts {
  readonly pid: number;
  /** Which one of its configuration's workers it is; the first is 0. */
  readonly slot: number;
  readonly condition: Condition;
}

/** What a master has seen happen. */
export interface History {
  /** Workers that took the place of ones that had died. */
  readonly respawned: number;
  /** Configurations that came into force after the first one. */
  readonly reloads: number;
  /** When the latest one did, in milliseconds since 1970. */
  readonly loadedMs: number;
}

export interface Everything {
  /** Of all processes, and of those that have ended. */
  readonly total: Counts;
  readonly processes: readonly ProcessReport[];
  readonly history: History;
}

export interface ServerStatus {
  /** Of this process: it counts here. */
  readonly own: ConnectionCounts;
  readonly registry: StatsRegistry;
  /** Whoever serves says how it is. */
  condition: () => Condition;
  /** Of all processes, now. It comes in bounded time. */
  all(): Promise<Everything>;
  /** The connections of all processes at once, where others may have been counted a second ago. */
  recent(): Readonly<ConnectionCounts>;
  /** It is going to be asked: what this process has counted is not to be lost with it. */
  keep(): void;
  /** A history is to be kept. */
  remember(): void;
  /** As far as one was kept, the oldest first. It comes in bounded time. */
  past(): Promise<readonly Sample[]>;
}

/** Of a process that is alone. */
export class SoleStatus implements ServerStatus {
  readonly own = noCounts();
  readonly registry = new StatsRegistry();
  condition: () => Condition = () => 'serving';
  readonly #startedMs = Date.now();
  readonly #samples = new Samples();
  #sampling: NodeJS.Timeout | undefined;

  all(): Promise<Everything> {
    const total = { connections: this.own, blocks: this.registry.blocks };
    return Promise.resolve({
      total,
      processes: [{ ...total, pid: process.pid, slot: 0, condition: this.condition() }],
      history: { respawned: 0, reloads: 0, loadedMs: this.#startedMs },
    });
  }

  recent(): Readonly<ConnectionCounts> {
    return this.own;
  }

  keep(): void {}

  remember(): void {
    const take = (): void => this.#samples.take(this.registry.blocks, Date.now());
    take();
    this.#sampling ??= setInterval(take, SAMPLE_MS).unref();
  }

  past(): Promise<readonly Sample[]> {
    return Promise.resolve(this.#samples.all);
  }
}
