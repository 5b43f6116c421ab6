// The time as a text with a resolution of seconds, made once a second.

export class SecondText {
  readonly #format: (date: Date) => string;
  #second = -1;
  #text = '';

  constructor(format: (date: Date) => string) {
    this.#format = format;
  }

  /** @param now milliseconds since 1970 */
  at(now: number): string {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = this.#format(new Date(now));
    }
    return this.#text;
  }
}

/** Two digits. */
export const two = (n: number): string => (n < 10 ? `0${n}` : `${n}`);
