// Lines of a log, made as bytes in a buffer that is used again, so that most cost no memory. The last one is at hand;
// those before it wait to be written.
import type { ByteString } from '../conf/directive.ts';

/** Of one that is not for many lines. */
const FIRST_BYTES = 512;
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
  readonly #first: number;
  readonly #kept: number;
  #bytes = NONE;
  /** Where the line at hand begins and ends. */
  #start = 0;
  #end = 0;
  #nowMs: number | undefined;

  /** @param first bytes that it takes at once @param kept what more a long line takes than so many is given back */
  constructor(first = FIRST_BYTES, kept = KEPT_BYTES) {
    this.#first = first;
    this.#kept = kept;
  }

  /** In bytes. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Of the lines before it. */
  get waiting(): number {
    return this.#start;
  }

  /** The time that the line is of, in milliseconds since 1970: the same for all that is in it. */
  get nowMs(): number {
    this.#nowMs ??= Date.now();
    return this.#nowMs;
  }

  /** The line at hand begins anew. */
  begin(): void {
    this.#end = this.#start;
    this.#nowMs = undefined;
  }

  /** It is complete, and waits; another one begins behind it. */
  keep(): void {
    this.#start = this.#end;
  }

  /** The lines that wait; nothing may be added while they are looked at. */
  get kept(): Buffer {
    return this.#bytes.subarray(0, this.#start);
  }

  /** No line waits any more; the one at hand stays. */
  forgetKept(): void {
    const bytes = this.#bytes;
    if (this.#end > this.#start) bytes.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    if (bytes.length <= this.#kept) return;
    this.#bytes = NONE;
    if (this.#end > 0) this.#grow(this.#end, bytes);
  }

  /** Nothing is left. */
  clear(): void {
    this.#start = 0;
    this.begin();
    this.forgetKept();
  }

  /** Takes back what was added since it was so long. */
  cut(length: number): void {
    this.#end = Math.min(this.#start + length, this.#end);
  }

  text(text: ByteString): void {
    const { length } = text;
    const at = this.#end;
    const bytes = this.#take(length);
    if (length < MANY) for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
    else bytes.write(text, at, 'latin1');
  }

  bytes(added: Uint8Array): void {
    const { length } = added;
    const at = this.#end;
    const bytes = this.#take(length);
    if (length < MANY) for (let i = 0; i < length; i++) bytes[at + i] = added[i] ?? 0;
    else bytes.set(added, at);
  }

  byte(value: number): void {
    const at = this.#end;
    this.#take(1)[at] = value;
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
    const first = this.#end;
    const bytes = this.#take(digits);
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

  /** Whether one of its bytes from there on is of those. @param set by the byte, 1: it is */
  has(set: Uint8Array, from: number): boolean {
    const bytes = this.#bytes;
    for (let at = this.#start + from; at < this.#end; at++) if (set[bytes[at] ?? 0] === 1) return true;
    return false;
  }

  /** What was added since it was so long. */
  since(length: number): ByteString {
    return this.#bytes.toString('latin1', this.#start + length, this.#end);
  }

  toBuffer(): Buffer {
    return Buffer.from(this.#bytes.subarray(this.#start, this.#end));
  }

  /** @param value below SMALL */
  #digits(value: number, digits: number): void {
    const first = this.#end;
    const bytes = this.#take(digits);
    let rest = value;
    for (let at = first + digits - 1; at >= first; at--) {
      const tenth = (rest / 10) | 0;
      bytes[at] = ZERO + rest - 10 * tenth;
      rest = tenth;
    }
  }

  /** So many bytes belong to the line now. @returns where they go */
  #take(more: number): Buffer {
    const end = this.#end + more;
    if (end > this.#bytes.length) this.#grow(end);
    this.#end = end;
    return this.#bytes;
  }

  /** @param source where the bytes are that belong to it so far */
  #grow(needed: number, source = this.#bytes): void {
    const wanted = Math.max(needed, 2 * this.#bytes.length, this.#first);
    const bytes = Buffer.allocUnsafeSlow(needed > this.#kept ? wanted : Math.min(wanted, this.#kept));
    bytes.set(source.subarray(0, this.#end));
    this.#bytes = bytes;
  }
}
