// Rows that stay what they are: who is still there keeps its row, and the rows of those that are gone are used again.

/** What the rows stand in. */
export interface RowHost<Row, Item> {
  create(): Row;
  show(row: Row, item: Item): void;
  /** Puts it there, unless it is there. */
  place(row: Row, index: number): void;
  remove(row: Row): void;
}

export class KeyedRows<Row, Item> {
  readonly #host: RowHost<Row, Item>;
  readonly #keyOf: (item: Item) => string;
  #rows = new Map<string, Row>();
  readonly #spare: Row[] = [];

  constructor(host: RowHost<Row, Item>, keyOf: (item: Item) => string) {
    this.#host = host;
    this.#keyOf = keyOf;
  }

  /** @param items in their order, each key once; a second one is not shown */
  show(items: readonly Item[]): void {
    const rows = new Map<string, Row>();
    const keys = new Set(items.map(this.#keyOf));
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      this.#host.remove(row);
      this.#spare.push(row);
    }
    for (const item of items) {
      const key = this.#keyOf(item);
      if (rows.has(key)) continue;
      const row = this.#rows.get(key) ?? this.#spare.pop() ?? this.#host.create();
      this.#host.show(row, item);
      this.#host.place(row, rows.size);
      rows.set(key, row);
    }
    this.#rows = rows;
    // As many as a page may have again; the rest is given up.
    this.#spare.length = Math.min(this.#spare.length, rows.size + 1);
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }
}
