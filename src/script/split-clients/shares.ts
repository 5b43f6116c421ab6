// The shares of one split_clients block: which hash has which value.
import { type ByteString, type Fault, whole } from '../../conf/directive.ts';

interface Share {
  /** In hundredths of a percent; `rest`: all that is left. */
  readonly size: number | 'rest';
  readonly value: ByteString;
}

const ALL = 10_000;
const LAST = 0xffff_ffff;
/** Digits with at most two behind the point, at least one in all. */
const PERCENT = /^(?=\.?\d)(\d{0,17})(?:\.(\d{0,2}))?%$/;

export class Shares {
  readonly #shares: Share[] = [];
  /** Hashes below it have the value; none: all others. */
  #ends: { readonly end: number | undefined; readonly value: ByteString }[] = [];

  /** One entry of the block. Words behind the value say nothing. */
  add([text = '', value]: readonly ByteString[]): Fault | undefined {
    const size = text === '*' ? 'rest' : sizeOf(text);
    if (size === undefined) return whole(`invalid percent value "${text}"`);
    if (value === undefined) return whole('invalid number of the split_clients parameters');
    this.#shares.push({ size, value });
    return undefined;
  }

  /** All entries are there. */
  finish(): Fault | undefined {
    let sum = 0;
    let end = 0;
    for (const { size, value } of this.#shares) {
      sum = size === 'rest' ? ALL : sum + size;
      if (sum > ALL) return whole('percent total is greater than 100%');
      end += size === 'rest' ? 0 : Math.floor((LAST * size) / ALL);
      this.#ends.push({ end: size === 'rest' ? undefined : end, value });
    }
    return undefined;
  }

  /** @param hash 32 bits */
  find(hash: number): ByteString | undefined {
    return this.#ends.find(({ end }) => end === undefined || hash < end)?.value;
  }
}

function sizeOf(text: ByteString): number | undefined {
  const [, digits, fraction = ''] = PERCENT.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const size = Number(digits) * 100 + Number(fraction.padEnd(2, '0'));
  return size === 0 ? undefined : size;
}
