// Chunks in the order they came, taken out in the same time however many wait: an array's `shift` moves all the rest.

export class ChunkQueue {
  /** The sum of the lengths of all that wait. */
  bytes = 0;
  #came: Buffer[] = [];
  /** What is next, the last one first. */
  #next: Buffer[] = [];

  get isEmpty(): boolean {
    return this.#came.length === 0 && this.#next.length === 0;
  }

  add(chunk: Buffer): void {
    this.#came.push(chunk);
    this.bytes += chunk.length;
  }

  /** Before all others. */
  putBack(chunk: Buffer): void {
    this.#turnRound();
    this.#next.push(chunk);
    this.bytes += chunk.length;
  }

  take(): Buffer | undefined {
    this.#turnRound();
    const chunk = this.#next.pop();
    if (chunk !== undefined) this.bytes -= chunk.length;
    return chunk;
  }

  /** Overwrites them: a password may be among them. */
  wipe(): void {
    for (const chunk of this.#came) chunk.fill(0);
    for (const chunk of this.#next) chunk.fill(0);
    this.#came = [];
    this.#next = [];
    this.bytes = 0;
  }

  #turnRound(): void {
    if (this.#next.length > 0 || this.#came.length === 0) return;
    const empty = this.#next;
    this.#next = this.#came.reverse();
    this.#came = empty;
  }
}
