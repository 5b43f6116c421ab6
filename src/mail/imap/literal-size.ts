// The number in an IMAP literal's `{n}` (RFC 3501 section 9), within nginx's bound.

/** nginx's bound is a tenth of 2^64, more than a double holds exactly: the number is kept in two halves. */
const HALF = 1e9;
const MAX_HIGH = 1844674407;
const MAX_LOW = 370955161;

export class LiteralSize {
  #high = 0;
  #low = 0;

  clear(): void {
    this.#high = 0;
    this.#low = 0;
  }

  /** Takes one ASCII digit; false when the number has become too large. */
  digit(ch: number): boolean {
    const low = this.#low * 10 + (ch - 0x30);
    const carry = Math.floor(low / HALF);
    this.#low = low - carry * HALF;
    this.#high = this.#high * 10 + carry;
    return this.#high < MAX_HIGH || (this.#high === MAX_HIGH && this.#low <= MAX_LOW);
  }

  /** Bytes; exact as far as it matters, which is the size of a line buffer. */
  get value(): number {
    return this.#high * HALF + this.#low;
  }
}
