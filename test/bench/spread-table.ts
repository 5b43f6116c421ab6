// What was measured in several rounds, as a table in Markdown.
import type { Way } from './ways.ts';

export interface Cost {
  readonly perSecond: number;
  /** Processor time for each connection, in microseconds. */
  readonly masterUs: number;
  readonly workersUs: number;
}

/** One way, measured once. */
export interface Round {
  /** How many times its fair share the worker with the most has: connections came one after the other. */
  readonly inTurn: number;
  /** The same: a hundred came at once. */
  readonly inBursts: number;
  readonly cost: Cost;
  /** Connections that were lost when a worker was killed, and in a reload. */
  readonly killed: number;
  readonly reloaded: number;
  /** A part of 1: visitors that nobody greeted while a worker hung. */
  readonly unserved: number;
}

const COLUMNS = [
  'Way',
  'One by one',
  'In bursts',
  'Accepted/s',
  'CPU µs, master + workers',
  'Lost by kill',
  'Lost by reload',
  'Unserved',
];

const cpuUs = ({ masterUs, workersUs }: Cost): number => masterUs + workersUs;

/** What a busy machine makes worse counts at its best. */
function best(rounds: readonly Round[]): Cost {
  const costs = rounds.map(({ cost }) => cost);
  const [cheapest = { masterUs: 0, workersUs: 0 }] = costs.toSorted((a, b) => cpuUs(a) - cpuUs(b));
  return { ...cheapest, perSecond: Math.max(...costs.map(({ perSecond }) => perSecond)) };
}

/** Everything else counts at its worst. */
function row(way: Way, rounds: readonly Round[], reference: Cost): string {
  const most = (pick: (round: Round) => number): number => Math.max(...rounds.map(pick));
  const range = (pick: (round: Round) => number): string => {
    const [from, to] = [Math.min(...rounds.map(pick)), most(pick)];
    return from === to ? `${to}` : `${from} to ${to}`;
  };
  const cost = best(rounds);
  const cells = [
    way,
    most(({ inTurn }) => inTurn).toFixed(2),
    most(({ inBursts }) => inBursts).toFixed(2),
    `${cost.perSecond.toFixed(0)} (${(cost.perSecond / reference.perSecond).toFixed(2)})`,
    `${cost.masterUs.toFixed(0)} + ${cost.workersUs.toFixed(0)} (${(cpuUs(cost) / cpuUs(reference)).toFixed(2)})`,
    range(({ killed }) => killed),
    range(({ reloaded }) => reloaded),
    `${(most(({ unserved }) => unserved) * 100).toFixed(0)} %`,
  ];
  return `| ${cells.join(' | ')} |\n`;
}

/** Ratios, in brackets, are to the first way. */
export function table(measured: ReadonlyMap<Way, readonly Round[]>): string {
  const [first = []] = measured.values();
  const reference = best(first);
  const head = `| ${COLUMNS.join(' | ')} |\n|${' --- |'.repeat(COLUMNS.length)}\n`;
  return head + [...measured].map(([way, rounds]) => row(way, rounds, reference)).join('');
}
