// What was read, or put back, and not delivered: piece by piece, since joining pieces leaves garbage for each of them.

export class HeldInput {
  readonly #pieces: Buffer[] = [];
  bytes = 0;

  constructor(piece: Buffer) {
    this.add(piece);
  }

  add(piece: Buffer): void {
    this.#pieces.push(piece);
    this.bytes += piece.length;
  }

  putBack(piece: Buffer): void {
    this.#pieces.unshift(piece);
    this.bytes += piece.length;
  }

  /** The first piece; there is always one until `bytes` is 0. */
  take(): Buffer | undefined {
    const piece = this.#pieces.shift();
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
