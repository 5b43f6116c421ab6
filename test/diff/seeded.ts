// A small seeded generator of random numbers (mulberry32), so that a run can be repeated.

export class Random {
  #state: number;

  constructor(seed: number | string) {
    this.#state = typeof seed === 'number' ? seed >>> 0 : hash(seed);
  }

  /** A fraction in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number in [0, below). */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('pick: nothing to choose from');
    return item;
  }

  /** A generator of its own, so that the order of use does not matter. */
  fork(label: string): Random {
    return new Random(`${this.#state}/${label}`);
  }
}

function hash(text: string): number {
  let h = 2166136261;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  return h >>> 0;
}

/** Cuts bytes at up to `max` random points. */
export function split(random: Random, bytes: Buffer, max = 4): Buffer[] {
  const cuts = new Set<number>([0, bytes.length]);
  for (let i = random.below(max + 1); i > 0; i--) cuts.add(random.below(bytes.length + 1));
  const points = [...cuts].sort((a, b) => a - b);
  return points.slice(1).map((point, i) => bytes.subarray(points[i], point));
}
