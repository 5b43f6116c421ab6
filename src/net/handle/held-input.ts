// What was read, or put back, and not delivered: piece by piece, since joining pieces leaves garbage for each of them.

/** Smaller ones are put together: each would hold on to much more memory than it is long. */
const SMALL_BYTES = 1024;

export class HeldInput {
  readonly #pieces: Buffer[] = [];
  /** Where small pieces are put together: the last of the pieces is the beginning of it. */
  #tail: Buffer | undefined;
  bytes: number;

  constructor(piece: Buffer) {
    this.#pieces.push(piece);
    this.bytes = piece.length;
  }

  /** The piece is ours from here on. */
  add(piece: Buffer): void {
    this.bytes += piece.length;
    if (piece.length >= SMALL_BYTES) {
      this.#push(piece);
      return;
    }
    this.#append(piece);
    piece.fill(0);
  }

  #push(piece: Buffer, tail?: Buffer): void {
    this.#pieces.push(piece);
    this.#tail = tail;
  }

  #append(piece: Buffer): void {
    const last = this.#pieces.at(-1);
    const tail = this.#tail;
    if (last === undefined || tail === undefined || last.length + piece.length > tail.length) {
      const fresh = Buffer.allocUnsafeSlow(SMALL_BYTES);
      piece.copy(fresh);
      this.#push(fresh.subarray(0, piece.length), fresh);
    } else {
      piece.copy(tail, last.length);
      this.#pieces[this.#pieces.length - 1] = tail.subarray(0, last.length + piece.length);
    }
  }

  putBack(piece: Buffer): void {
    this.#pieces.unshift(piece);
    this.bytes += piece.length;
  }

  /** The first piece; there is always one until `bytes` is 0. */
  take(): Buffer | undefined {
    const piece = this.#pieces.shift();
    if (this.#pieces.length === 0) this.#tail = undefined;
    this.bytes -= piece?.length ?? 0;
    return piece;
  }

  /** All of it. */
  join(): Buffer {
    const [first] = this.#pieces;
    return first !== undefined && this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces, this.bytes);
  }

  wipe(): void {
    for (const piece of this.#pieces) piece.fill(0);
  }
}
