// A table that is sorted by the column that is clicked, and on a narrow screen a list of cards.
import { make, need, placeAt, setAttribute, setText } from './dom.ts';
import { count } from './format.ts';
import { KeyedRows } from './keyed-rows.ts';

export interface Column<Item> {
  readonly title: string;
  readonly isNumber?: boolean;
  /** What it is sorted by; numbers the greatest first. */
  readonly valueIn: (item: Item) => number | string;
  /** What it says; left out: the value. */
  readonly show?: (cell: HTMLElement, item: Item) => void;
}

/** More rows are no help, and cost time. */
const MOST_ROWS = 50;

const compare = (one: number | string, other: number | string): number =>
  typeof one === 'number' && typeof other === 'number' ? one - other : String(one).localeCompare(String(other), 'en');

export class SortedTable<Item> {
  readonly #columns: readonly Column<Item>[];
  readonly #table: HTMLTableElement;
  readonly #more: HTMLElement;
  readonly #empty: HTMLElement;
  readonly #heads: HTMLTableCellElement[] = [];
  readonly #rows: KeyedRows<HTMLTableRowElement, Item>;
  #items: readonly Item[] = [];
  #leftOut = 0;
  /** Undefined: as they come. */
  #sorted: { readonly column: Column<Item>; readonly isDescending: boolean } | undefined;

  /** @param id of the table's elements: the table, `ID-more` and `ID-empty` */
  constructor(id: string, table: string, columns: readonly Column<Item>[], keyOf: (item: Item) => string) {
    this.#columns = columns;
    this.#table = need(table, HTMLTableElement);
    this.#more = need(`#${id}-more`, HTMLElement);
    this.#empty = need(`#${id}-empty`, HTMLElement);
    const head = make('tr');
    for (const column of columns) head.append(this.#head(column));
    const top = make('thead');
    const body = make('tbody');
    top.append(head);
    this.#table.append(top, body);
    this.#rows = new KeyedRows(
      {
        create: () => this.#row(),
        show: (row, item) => this.#fill(row, item),
        place: (row, index) => placeAt(body, row, index),
        remove: (row) => row.remove(),
      },
      keyOf,
    );
  }

  /** @param leftOut how many more there are than these */
  show(items: readonly Item[], leftOut = 0): void {
    this.#items = items;
    this.#leftOut = leftOut;
    const shown = this.#inOrder().slice(0, MOST_ROWS);
    this.#rows.show(shown);
    this.#table.hidden = items.length === 0;
    this.#empty.hidden = items.length > 0;
    const rest = items.length - shown.length + leftOut;
    setText(this.#more, rest > 0 ? `${count(rest)} more.` : '');
  }

  #inOrder(): readonly Item[] {
    if (this.#sorted === undefined) return this.#items;
    const { column, isDescending } = this.#sorted;
    const sign = isDescending ? -1 : 1;
    return [...this.#items].sort((one, other) => sign * compare(column.valueIn(one), column.valueIn(other)));
  }

  #head(column: Column<Item>): HTMLTableCellElement {
    const cell = make('th', column.isNumber === true ? 'number' : '');
    cell.scope = 'col';
    const button = make('button', 'sort', column.title);
    button.type = 'button';
    button.addEventListener('click', () => this.#sortBy(column));
    cell.append(button);
    this.#heads.push(cell);
    return cell;
  }

  /** First the more interesting end, then the other one, then as they come. */
  #sortBy(column: Column<Item>): void {
    const first = column.isNumber === true;
    if (this.#sorted?.column !== column) this.#sorted = { column, isDescending: first };
    else this.#sorted = this.#sorted.isDescending === first ? { column, isDescending: !first } : undefined;
    const order = this.#sorted?.isDescending === true ? 'descending' : 'ascending';
    this.#heads.forEach((head, index) => {
      if (this.#columns[index] === this.#sorted?.column) setAttribute(head, 'aria-sort', order);
      else head.removeAttribute('aria-sort');
    });
    this.show(this.#items, this.#leftOut);
  }

  #row(): HTMLTableRowElement {
    const row = make('tr');
    this.#columns.forEach(({ title, isNumber }, index) => {
      const cell = make(index === 0 ? 'th' : 'td', isNumber === true ? 'number' : '');
      if (index === 0) cell.setAttribute('scope', 'row');
      cell.dataset.label = title;
      row.append(cell);
    });
    return row;
  }

  #fill(row: HTMLTableRowElement, item: Item): void {
    this.#columns.forEach(({ show, valueIn }, index) => {
      const cell = row.cells[index];
      if (cell === undefined) return;
      if (show !== undefined) show(cell, item);
      else {
        const value = valueIn(item);
        setText(cell, typeof value === 'number' ? count(value) : value);
      }
    });
  }
}
