// What has to be undone at the end of a test; node:test's context offers the same `after`.

/** Anything that runs functions at its end: node:test's `t`, or a `Cleanup`. */
export interface Scope {
  after(fn: () => void | Promise<void>): void;
}

/** A scope of its own for what is no node:test test. Runs last in, first out. */
export class Cleanup implements Scope {
  readonly #undo: (() => void | Promise<void>)[] = [];

  after(fn: () => void | Promise<void>): void {
    this.#undo.push(fn);
  }

  /** Undoes everything, whatever fails on the way; the first failure is thrown at the end. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const fn of this.#undo.splice(0).reverse()) {
      try {
        await fn();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
