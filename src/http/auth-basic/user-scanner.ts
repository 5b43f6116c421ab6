// Finds the line of a user in pieces of a file: `USER:HASH`, and what may follow behind another colon.

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const HASH_SIGN = 0x23;
const COLON = 0x3a;

/** Bytes of a hash; what is longer fits no password. */
export const MAX_HASH = 2048;

type State = 'start' | 'name' | 'hash' | 'rest';

export class UserScanner {
  readonly #user: Buffer;
  readonly #hash = Buffer.alloc(MAX_HASH);
  #state: State = 'start';
  /** How much of the name has matched, or how long the hash is. */
  #length = 0;

  /** @param user neither empty nor with a colon */
  constructor(user: Buffer) {
    this.#user = user;
  }

  /** @returns the user's hash; undefined: it is not complete */
  feed(piece: Buffer): Buffer | undefined {
    for (let at = 0; at < piece.length; at++) {
      if (this.#state === 'rest') {
        at = piece.indexOf(NEWLINE, at);
        if (at < 0) return undefined;
      }
      const byte = piece[at] ?? 0;
      if (this.#state === 'hash' && (byte === COLON || byte === NEWLINE || byte === RETURN)) return this.end();
      this.#take(byte);
    }
    return undefined;
  }

  /** The file ends here. @returns as `feed` */
  end(): Buffer | undefined {
    if (this.#state !== 'hash') return undefined;
    return this.#length > MAX_HASH ? Buffer.alloc(0) : this.#hash.subarray(0, this.#length);
  }

  #take(byte: number): void {
    if (this.#state === 'hash') {
      if (this.#length < MAX_HASH) this.#hash[this.#length] = byte;
      this.#length = Math.min(this.#length + 1, MAX_HASH + 1);
    } else if (byte === NEWLINE) {
      this.#state = 'start';
    } else if (this.#state === 'start' && (byte === HASH_SIGN || byte === RETURN)) {
      this.#state = 'rest';
    } else {
      if (this.#state === 'start') this.#length = 0;
      this.#compare(byte);
    }
  }

  #compare(byte: number): void {
    const isWhole = this.#length === this.#user.length;
    if (isWhole ? byte === COLON : byte === this.#user[this.#length]) {
      this.#state = isWhole ? 'hash' : 'name';
      this.#length = isWhole ? 0 : this.#length + 1;
    } else {
      this.#state = 'rest';
    }
  }
}
