// Layers of an area chart as paths of SVG: each stands on those below it, and where nobody knows there is nothing.
import type { Scale } from './scale.ts';

export interface Point {
  readonly atMs: number;
  /** A value for each layer, from the bottom. */
  readonly values: readonly number[];
}

export interface Layer {
  /** Closed. */
  readonly area: string;
  /** Its upper edge. */
  readonly line: string;
}

/** Averages of slots of time, each at the middle of its own: what lies closer than a line is wide is noise. */
export function averaged(points: readonly Point[], slotMs: number): Point[] {
  const found: Point[] = [];
  let slot: Point[] = [];
  const close = (): void => {
    const [first] = slot;
    if (first === undefined) return;
    const mean = (valueIn: (point: Point) => number): number =>
      slot.reduce((sum, point) => sum + valueIn(point), 0) / slot.length;
    found.push({
      atMs: mean(({ atMs }) => atMs),
      values: first.values.map((_, layer) => mean((it) => it.values[layer] ?? 0)),
    });
    slot = [];
  };
  for (const point of points) {
    const [first] = slot;
    if (first !== undefined && Math.floor(first.atMs / slotMs) !== Math.floor(point.atMs / slotMs)) close();
    slot.push(point);
  }
  close();
  return found;
}

/** Runs of points without a gap between them. */
export function runs<T extends { readonly atMs: number }>(points: readonly T[], gapMs: number): T[][] {
  const found: T[][] = [];
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const point of points) {
    const run = found.at(-1);
    if (run === undefined || point.atMs - lastMs > gapMs) found.push([point]);
    else run.push(point);
    lastMs = point.atMs;
  }
  return found;
}

/** A tenth of a pixel is finer than screens are. */
const place = (value: number): string => String(Math.round(value * 10) / 10);

/** @param parts runs of points, between which nothing is known */
export function layers(parts: readonly (readonly Point[])[], x: Scale, y: Scale): Layer[] {
  const many = parts[0]?.[0]?.values.length ?? 0;
  // The edge of a layer that is not there would lie upon the one below it.
  const isThere = (point: Point | undefined, layer: number): boolean => (point?.values[layer] ?? 0) > 0;
  return Array.from({ length: many }, (_, layer) => {
    let area = '';
    let line = '';
    for (const run of parts) {
      const upper = run.map((point) => `${place(x(point.atMs))},${place(y(sumTo(point, layer + 1)))}`);
      const lower = run.map((point) => `${place(x(point.atMs))},${place(y(sumTo(point, layer)))}`).reverse();
      area += `M${upper.join('L')}L${lower.join('L')}Z`;
      let isDown = false;
      run.forEach((point, index) => {
        const isDrawn = isThere(point, layer) || isThere(run[index - 1], layer) || isThere(run[index + 1], layer);
        if (isDrawn) line += `${isDown ? 'L' : 'M'}${upper[index]}`;
        isDown = isDrawn;
      });
    }
    return { area, line };
  });
}

export function sumTo({ values }: Point, end: number): number {
  let sum = 0;
  for (let index = 0; index < end; index++) sum += values[index] ?? 0;
  return sum;
}
