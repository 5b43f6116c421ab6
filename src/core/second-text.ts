// The time as a text with a resolution of seconds, made once a second.

export class SecondText {
  readonly #format: (date: Date) => string;
  #second = -1;
  #text = '';
  #bytes: Buffer | undefined;

  constructor(format: (date: Date) => string) {
    this.#format = format;
  }

  /** @param now milliseconds since 1970 */
  at(now: number): string {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = this.#format(new Date(now));
      this.#bytes = undefined;
    }
    return this.#text;
  }

  /** The same; nobody may write to it. */
  bytesAt(now: number): Buffer {
    const text = this.at(now);
    this.#bytes ??= Buffer.from(text, 'latin1');
    return this.#bytes;
  }
}

/** Two digits. */
export const two = (n: number): string => (n < 10 ? `0${n}` : `${n}`);
