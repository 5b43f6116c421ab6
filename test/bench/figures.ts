// What was measured so far: for each row and each contestant a figure a round, and what was left out, with the reason.
import type { Name } from './rows.ts';

export class Figures {
  readonly #found = new Map<string, Map<Name, number[]>>();
  readonly #skipped = new Map<string, string>();

  add(row: string, name: Name, figure: number): void {
    const byName = this.#found.get(row) ?? new Map<Name, number[]>();
    this.#found.set(row, byName);
    const list = byName.get(name) ?? [];
    byName.set(name, list);
    list.push(figure);
  }

  of(row: string, name: Name): readonly number[] {
    return this.#found.get(row)?.get(name) ?? [];
  }

  skip(row: string, reason: string): void {
    this.#skipped.set(row, reason);
  }

  /** Why a row has nothing. */
  skipped(row: string): string | undefined {
    return this.#skipped.get(row);
  }
}
