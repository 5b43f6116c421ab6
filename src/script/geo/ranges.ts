// Values of ranges of IPv4 addresses. A range may lie within another one, but not across its border.
import { type ByteString, Fault, whole } from '../../conf/directive.ts';
import { parseIp } from '../../core/ip.ts';

interface Range {
  readonly start: number;
  readonly end: number;
  readonly value: ByteString;
}

/** nginx keeps ranges in pieces of this size, so that it only sees overlaps within a piece. */
const PIECE = 0x1_0000;

export class Ranges {
  /** In order, without overlaps; by the number of the piece. */
  readonly #pieces = new Map<number, Range[]>();

  get isEmpty(): boolean {
    return this.#pieces.size === 0;
  }

  /** @param warn hears of a range that has a value already @returns why the text is refused */
  add(text: ByteString, value: ByteString, warn: (text: ByteString) => void): Fault | undefined {
    const range = parseRange(text);
    if (range instanceof Fault) return range;
    for (const [number, start, end] of piecesOf(range)) {
      const list = this.#pieces.get(number) ?? [];
      this.#pieces.set(number, list);
      const fault = insert(list, { start, end, value }, text, warn);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  /** @returns false: there was no such range; or why the text is refused */
  delete(text: ByteString): boolean | Fault {
    const range = parseRange(text);
    if (range instanceof Fault) return range;
    let found = true;
    for (const [number, start, end] of piecesOf(range)) {
      const list = this.#pieces.get(number) ?? [];
      const at = list.findIndex((known) => known.start === start && known.end === end);
      if (at < 0) found = false;
      else list.splice(at, 1);
    }
    return found;
  }

  find(address: Uint8Array): ByteString | undefined {
    const n = numberOf(address);
    const list = this.#pieces.get(Math.floor(n / PIECE)) ?? [];
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const range = list[middle];
      if (range === undefined || n < range.start) high = middle;
      else if (n > range.end) low = middle + 1;
      else return range.value;
    }
    return undefined;
  }
}

function* piecesOf({ start, end }: Omit<Range, 'value'>): Generator<[number: number, start: number, end: number]> {
  for (let from = start; from <= end; ) {
    const number = Math.floor(from / PIECE);
    const to = Math.min(end, (number + 1) * PIECE - 1);
    yield [number, from, to];
    from = to + 1;
  }
}

/** The last range that it touches decides, as in nginx. */
function insert(list: Range[], range: Range, text: ByteString, warn: (text: ByteString) => void): Fault | undefined {
  const { start, end, value } = range;
  const at = list.findLastIndex((known) => known.start <= end && known.end >= start);
  const known = list[at];
  if (known === undefined) {
    const next = list.findIndex((other) => other.start > end);
    list.splice(next < 0 ? list.length : next, 0, range);
    return undefined;
  }
  if (start < known.start || end > known.end) {
    return whole(`range "${text}" overlaps "${shown(known.start)}-${shown(known.end)}"`);
  }
  if (start === known.start && end === known.end) {
    warn(`duplicate range "${text}", value: "${value}", old value: "${known.value}"`);
  }
  const before = start > known.start ? [{ ...known, end: start - 1 }] : [];
  const after = end < known.end ? [{ ...known, start: end + 1 }] : [];
  list.splice(at, 1, ...before, range, ...after);
  return undefined;
}

function parseRange(text: ByteString): Omit<Range, 'value'> | Fault {
  const dash = text.indexOf('-');
  const start = parseIp(text.slice(0, Math.max(0, dash)));
  const end = parseIp(text.slice(dash + 1));
  if (dash < 0 || start?.length !== 4 || end?.length !== 4 || numberOf(start) > numberOf(end)) {
    return whole(`invalid range "${text}"`);
  }
  return { start: numberOf(start), end: numberOf(end) };
}

const numberOf = (address: Uint8Array): number => address.reduce((n, byte) => n * 256 + byte, 0);

const shown = (n: number): ByteString => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.');
