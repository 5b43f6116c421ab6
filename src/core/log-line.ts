// A line of a log while it is made: bytes in a buffer that is used for the next one too, so that most lines cost no
// memory.
import type { ByteString } from '../conf/directive.ts';

const FIRST_BYTES = 512;
/** What a longer line took is given back. */
const KEPT_BYTES = 8192;
/** From here on a call into Node.js costs less than a loop. */
const MANY = 128;
const NONE = Buffer.alloc(0);
const ZERO = 0x30;
const POINT = 0x2e;
const HEX = Buffer.from('0123456789abcdef', 'latin1');
/** Of whole numbers below it, arithmetic is cheap. */
const SMALL = 2 ** 31;

export class LogLine {
  #bytes = NONE;
  #length = 0;
  #nowMs: number | undefined;

  /** In bytes. */
  get length(): number {
    return this.#length;
  }

  /** The time that the line is of, in milliseconds since 1970: the same for all that is in it. */
  get nowMs(): number {
    this.#nowMs ??= Date.now();
    return this.#nowMs;
  }

  clear(): void {
    this.#length = 0;
    this.#nowMs = undefined;
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = NONE;
  }

  /** Takes back what was added since it was so long. */
  cut(length: number): void {
    this.#length = Math.min(length, this.#length);
  }

  text(text: ByteString): void {
    const { length } = text;
    const at = this.#length;
    const bytes = this.#room(length);
    if (length < MANY) for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
    else bytes.write(text, at, 'latin1');
  }

  bytes(added: Uint8Array): void {
    const { length } = added;
    const at = this.#length;
    const bytes = this.#room(length);
    if (length < MANY) for (let i = 0; i < length; i++) bytes[at + i] = added[i] ?? 0;
    else bytes.set(added, at);
  }

  byte(value: number): void {
    const at = this.#length;
    this.#room(1)[at] = value;
  }

  /** A whole number, in decimal digits. */
  number(value: number): void {
    if (!(value >= 0 && value < SMALL && Number.isInteger(value))) {
      this.text(String(value));
      return;
    }
    let digits = 1;
    for (let power = 10; power <= value; power *= 10) digits++;
    this.#digits(value, digits);
  }

  /** @param digits so many, with zeros before it */
  hex(value: number, digits: number): void {
    const first = this.#length;
    const bytes = this.#room(digits);
    let rest = value;
    let at = first + digits - 1;
    for (; rest >= SMALL && at >= first; at--) {
      bytes[at] = HEX[rest % 16] ?? ZERO;
      rest = Math.floor(rest / 16);
    }
    for (; at >= first; at--) {
      bytes[at] = HEX[rest & 15] ?? ZERO;
      rest >>= 4;
    }
  }

  /** @param ms as seconds with three decimals; a clock that was set back does not make it negative */
  seconds(ms: number): void {
    const whole = Math.max(0, Math.floor(ms));
    const seconds = Math.floor(whole / 1000);
    this.number(seconds);
    this.byte(POINT);
    this.#digits(whole - seconds * 1000, 3);
  }

  /** Whether one of the bytes from there on is of those. @param set by the byte, 1: it is */
  has(set: Uint8Array, from: number): boolean {
    const bytes = this.#bytes;
    for (let at = from; at < this.#length; at++) if (set[bytes[at] ?? 0] === 1) return true;
    return false;
  }

  /** What was added since it was so long. */
  since(length: number): ByteString {
    return this.#bytes.toString('latin1', length, this.#length);
  }

  /** To where there is room for all of it. */
  copyTo(target: Uint8Array, at: number): void {
    target.set(this.#bytes.subarray(0, this.#length), at);
  }

  toBuffer(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#length));
  }

  /** @param value below SMALL */
  #digits(value: number, digits: number): void {
    const first = this.#length;
    const bytes = this.#room(digits);
    let rest = value;
    for (let at = first + digits - 1; at >= first; at--) {
      const tenth = (rest / 10) | 0;
      bytes[at] = ZERO + rest - 10 * tenth;
      rest = tenth;
    }
  }

  /** So many bytes belong to the line now. @returns where they go */
  #room(more: number): Buffer {
    const length = this.#length + more;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#bytes.length, FIRST_BYTES));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#length = length;
    return this.#bytes;
  }
}
