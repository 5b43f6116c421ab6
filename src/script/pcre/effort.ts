// How many ways a backtracking engine may have to try: a bound from above, by which expressions that are cheap for any
// text are told from those that a text can be made for.
import type { Node } from './node.ts';

/** At most 2 ** (doublings + rate * n) * n ** degree ways through a text of n bytes. */
interface Ways {
  readonly doublings: number;
  readonly degree: number;
  readonly rate: number;
}

const ONE: Ways = { doublings: 0, degree: 0, rate: 0 };

/** Up to here a repetition is counted as it is. */
const FEW = 16;
/** Steps of an engine, as a power of two: tens of milliseconds. */
const BUDGET = 20;
/** Longer than any text that is matched. */
const LONGEST = 2 ** 20;

/** The longest text for which an expression is cheap, in bytes. */
export function cheapLength(node: Node): number {
  const ways = waysOf(node);
  const isCheap = (length: number): boolean => steps(ways, isAnchored(node), length) <= BUDGET;
  let [low, high] = [0, LONGEST];
  if (isCheap(high)) return Number.POSITIVE_INFINITY;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isCheap(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** As a power of two. */
function steps({ doublings, degree, rate }: Ways, anchored: boolean, length: number): number {
  return doublings + rate * length + (degree + (anchored ? 0 : 1)) * Math.log2(length + 1);
}

function waysOf(node: Node): Ways {
  switch (node.kind) {
    case 'set':
    case 'place':
      return ONE;
    case 'reference':
      return { ...ONE, degree: 1 }; // it compares as many bytes as the group has
    case 'sequence':
      return node.items.map(waysOf).reduce(product, ONE);
    case 'alternatives': {
      const { doublings, degree, rate } = node.branches.map(waysOf).reduce(larger, ONE);
      return { doublings: doublings + Math.log2(node.branches.length), degree, rate };
    }
    case 'repeat':
      return repeated(waysOf(node.inner), node.times.min, node.times.max);
    default:
      return waysOf(node.inner);
  }
}

function repeated(inner: Ways, min: number, max: number): Ways {
  const isOne = inner.doublings === 0 && inner.degree === 0 && inner.rate === 0;
  if (isOne) return max - min < FEW ? { ...ONE, doublings: Math.log2(max - min + 1) } : { ...ONE, degree: 1 };
  if (max <= FEW) {
    return {
      doublings: inner.doublings * max + Math.log2(max - min + 1),
      degree: inner.degree * max,
      rate: inner.rate * max,
    };
  }
  // However the text is cut into pieces, each piece in any of its ways.
  return { doublings: 0, degree: 0, rate: 1 + inner.doublings + inner.degree + inner.rate };
}

const product = (a: Ways, b: Ways): Ways => ({
  doublings: a.doublings + b.doublings,
  degree: a.degree + b.degree,
  rate: a.rate + b.rate,
});

const larger = (a: Ways, b: Ways): Ways => ({
  doublings: Math.max(a.doublings, b.doublings),
  degree: Math.max(a.degree, b.degree),
  rate: Math.max(a.rate, b.rate),
});

/** It is tried at the beginning of a text alone. */
function isAnchored(node: Node): boolean {
  switch (node.kind) {
    case 'place':
      return node.source === '^';
    case 'sequence':
      return node.items[0] !== undefined && isAnchored(node.items[0]);
    case 'alternatives':
      return node.branches.every(isAnchored);
    case 'capture':
    case 'atomic':
      return isAnchored(node.inner);
    default:
      return false;
  }
}
