// A set of bytes: what one character of a subject may be.

type Range = readonly [from: number, to: number];

const SIZE = 256;
/** Between the two cases of an ASCII letter. */
const CASE = 0x20;

export class ByteSet {
  readonly #member = new Uint8Array(SIZE);

  static of(...ranges: readonly Range[]): ByteSet {
    const set = new ByteSet();
    for (const [from, to] of ranges) set.addRange(from, to);
    return set;
  }

  has(byte: number): boolean {
    return this.#member[byte] === 1;
  }

  addRange(from: number, to: number): void {
    this.#member.fill(1, from, to + 1);
  }

  addAll(other: ByteSet): void {
    for (let byte = 0; byte < SIZE; byte++) if (other.has(byte)) this.#member[byte] = 1;
  }

  inverted(): ByteSet {
    const set = new ByteSet();
    for (let byte = 0; byte < SIZE; byte++) if (!this.has(byte)) set.addRange(byte, byte);
    return set;
  }

  /** With the other case of each letter: of ASCII, since the rest has no meaning here. */
  folded(): ByteSet {
    const set = new ByteSet();
    set.addAll(this);
    for (let upper = 0x41; upper <= 0x5a; upper++) {
      if (this.has(upper)) set.addRange(upper + CASE, upper + CASE);
      if (this.has(upper + CASE)) set.addRange(upper, upper);
    }
    return set;
  }

  /** As a part of a JavaScript expression that matches one character. */
  get source(): string {
    const ranges = this.#ranges();
    const [first] = ranges;
    if (first === undefined) return '[]';
    if (ranges.length === 1 && first[0] === first[1]) return literal(first[0]);
    const negates = this.has(0) && this.has(SIZE - 1);
    const shown = negates ? this.inverted().#ranges() : ranges;
    return `[${negates ? '^' : ''}${shown.map(rangeSource).join('')}]`;
  }

  #ranges(): Range[] {
    const ranges: Range[] = [];
    for (let from = 0; from < SIZE; from++) {
      if (!this.has(from)) continue;
      let to = from;
      while (this.has(to + 1)) to++;
      ranges.push([from, to]);
      from = to;
    }
    return ranges;
  }
}

const rangeSource = ([from, to]: Range): string =>
  from === to ? literal(from) : `${literal(from)}${to === from + 1 ? '' : '-'}${literal(to)}`;

function literal(byte: number): string {
  const char = String.fromCharCode(byte);
  return /[\w/]/.test(char) ? char : `\\x${byte.toString(16).padStart(2, '0')}`;
}
