// What a chart is of: its series, and how their figures are written.
import type { Sample } from '../http/dashboard/messages.ts';

export interface Series {
  readonly name: string;
  /** It has the colour. */
  readonly className: string;
  readonly valueIn: (sample: Sample) => number;
}

export interface ChartSpec {
  readonly title: string;
  /** Of the axis and the read-out. */
  readonly unit: string;
  readonly format: (value: number) => string;
  /** The least that the axis goes up to. */
  readonly leastTop: number;
  /** Whether the first series is the uppermost layer, or the lowest. */
  readonly isTopFirst: boolean;
}
