// Where the body of an answer ends, for a connection that is to be used again (RFC 9112 section 6).

/** What status line and headers say about the body. */
export interface BodyFraming {
  /** The connection cannot be used again: HTTP/1.0, `Connection: close`, or nothing that tells the end. */
  readonly closes: boolean;
  readonly chunked: boolean;
  /** In bytes; counts where the body is not chunked. */
  readonly length: number;
}

/** So much is read of a body that nobody needs; a longer one costs more than a new connection, in bytes. */
const MAX_BODY = 65_536;
/** A chunk's size with its extensions, or a trailer line. */
const MAX_LINE = 1024;

const LF = 10;
const CR = 13;

const St = { size: 0, data: 1, dataEnd: 2, trailer: 3, end: 4 } as const;

/** `more`: bytes are missing. `broken`: the connection is of no use. */
export type BodyState = 'more' | 'end' | 'broken';

export class BodyEnd {
  #state: number;
  /** Of the body or the chunk, still to come. */
  #left: number;
  #read = 0;
  #line = '';
  #lineLength = 0;
  readonly #chunked: boolean;

  constructor(framing: BodyFraming) {
    this.#chunked = framing.chunked;
    this.#left = framing.chunked ? 0 : framing.length;
    this.#state = framing.chunked ? St.size : framing.length > 0 ? St.data : St.end;
  }

  /** Takes the next bytes. Bytes behind the end are answers to nothing: broken. */
  feed(chunk: Buffer): BodyState {
    this.#read += chunk.length;
    let at = 0;
    while (at < chunk.length) {
      if (this.#state === St.end || this.#read > MAX_BODY) return 'broken';
      if (this.#state === St.data) {
        const n = Math.min(this.#left, chunk.length - at);
        at += n;
        this.#left -= n;
        if (this.#left === 0) this.#state = this.#chunked ? St.dataEnd : St.end;
        continue;
      }
      const byte = chunk[at++] ?? 0;
      if (byte !== LF) {
        if (byte === CR) continue;
        if (++this.#lineLength > MAX_LINE) return 'broken';
        if (this.#lineLength <= MAX_SIZE_DIGITS + 1) this.#line += String.fromCharCode(byte);
        continue;
      }
      if (!this.#endOfLine()) return 'broken';
      this.#line = '';
      this.#lineLength = 0;
    }
    return this.#state === St.end ? 'end' : 'more';
  }

  /** @returns false: that line cannot be */
  #endOfLine(): boolean {
    switch (this.#state) {
      case St.size: {
        const size = SIZE.exec(this.#line)?.[1];
        if (size === undefined) return false;
        this.#left = Number.parseInt(size, 16);
        this.#state = this.#left === 0 ? St.trailer : St.data;
        return true;
      }
      case St.dataEnd:
        this.#state = St.size;
        return this.#lineLength === 0;
      default: // St.trailer
        if (this.#lineLength === 0) this.#state = St.end;
        return true;
    }
  }
}

const MAX_SIZE_DIGITS = 8;
const SIZE = /^([\da-f]{1,8})(?:[ \t;]|$)/i;
