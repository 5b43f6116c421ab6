// DNS over TCP (RFC 1035, section 4.2.2): each message follows its length in two bytes.

/** Cuts a stream into messages, whatever the chunks. Holds at most one message (64 KiB). */
export class FrameReader {
  readonly #deliver: (message: Buffer) => void;
  #high: number | undefined;
  #message: Buffer | undefined;
  #filled = 0;

  constructor(deliver: (message: Buffer) => void) {
    this.#deliver = deliver;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) at = this.#message === undefined ? this.#length(chunk, at) : this.#fill(chunk, at);
  }

  #length(chunk: Buffer, at: number): number {
    const byte = chunk.readUInt8(at);
    if (this.#high === undefined) {
      this.#high = byte;
    } else {
      this.#begin((this.#high << 8) | byte);
    }
    return at + 1;
  }

  #begin(length: number): void {
    this.#high = undefined;
    this.#filled = 0;
    const message = Buffer.alloc(length);
    if (length === 0) this.#deliver(message);
    else this.#message = message;
  }

  #fill(chunk: Buffer, at: number): number {
    const message = this.#message;
    if (message === undefined) return at;
    const taken = chunk.copy(message, this.#filled, at);
    this.#filled += taken;
    if (this.#filled === message.length) {
      this.#message = undefined;
      this.#deliver(message);
    }
    return at + taken;
  }
}
