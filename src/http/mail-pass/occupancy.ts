// How many WebSockets each client address has with this worker.

export class Occupancy {
  readonly #counts = new Map<string, number>();

  /** @param max 0: any number @returns false: there is no room for another one */
  enter(address: string, max: number): boolean {
    const count = this.#counts.get(address) ?? 0;
    if (max > 0 && count >= max) return false;
    this.#counts.set(address, count + 1);
    return true;
  }

  leave(address: string): void {
    const count = this.#counts.get(address) ?? 0;
    if (count > 1) this.#counts.set(address, count - 1);
    else this.#counts.delete(address);
  }
}
