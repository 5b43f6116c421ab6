// Scales: from values to places on an axis, and the values that ticks stand at.

export type Scale = (value: number) => number;

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A domain without extent lands in the middle. */
export function linearScale(domain: Span, range: Span): Scale {
  const extent = domain.to - domain.from;
  if (extent === 0) return () => (range.from + range.to) / 2;
  const factor = (range.to - range.from) / extent;
  return (value) => range.from + (value - domain.from) * factor;
}

/** By powers of ten; what is outside of the domain lands on its border. */
export function logScale(domain: Span, range: Span): Scale {
  const scale = linearScale({ from: Math.log10(domain.from), to: Math.log10(domain.to) }, range);
  return (value) => scale(Math.log10(Math.min(Math.max(value, domain.from), domain.to)));
}

const ROUND = [1, 2, 5, 10];

/** The first of 1, 2 or 5 times a power of ten that is no less. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = ROUND.find((round) => round * power >= value * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/**
 * Ticks of an axis from zero, the last of them no less than the greatest value: about as many as are asked for.
 * @param least the smallest top of an axis, so that one session does not fill the whole chart
 */
export function valueTicks(greatest: number, about: number, least: number): number[] {
  const top = Math.max(greatest, least);
  const step = roundUp(top / about);
  const count = Math.ceil(top / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const STEPS = [10 * SECOND, 30 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE];

/**
 * Whole minutes of the clock within a span, at most so many.
 * @param offsetMs of the time zone, so that the ticks are whole there too
 */
export function timeTicks({ from, to }: Span, most: number, offsetMs = 0): number[] {
  const step = STEPS.find((it) => (to - from) / it <= most) ?? 60 * MINUTE;
  const ticks: number[] = [];
  for (let at = Math.ceil((from + offsetMs) / step) * step - offsetMs; at <= to; at += step) ticks.push(at);
  return ticks;
}
