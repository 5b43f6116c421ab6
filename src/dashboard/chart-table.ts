// What a chart shows, as a table: for those who do not see it, and to copy. It is made when it is opened.
import type { Sample } from '../http/dashboard/messages.ts';
import type { ChartSpec, Series } from './chart-spec.ts';
import type { Window } from './cursor.ts';
import { clockTime, make } from './dom.ts';
import { GAP_MS, nearest } from './history.ts';

const ROWS = 12;

export class ChartTable {
  readonly element = make('details', 'as-table');
  readonly #spec: ChartSpec;
  readonly #table = make('table');
  #keep: (() => void) | undefined;

  constructor(spec: ChartSpec) {
    this.#spec = spec;
    this.element.append(make('summary', '', 'As a table'), this.#table);
    this.element.addEventListener('toggle', () => {
      if (this.element.open) this.#keep?.();
    });
  }

  /** What it is made of when it is opened; it stays as it is while it is read. */
  keep(history: readonly Sample[], series: readonly Series[], window: Window): void {
    this.#keep = () => this.#make(history, series, window);
  }

  #make(history: readonly Sample[], series: readonly Series[], { from, to }: Window): void {
    const { title, unit, format } = this.#spec;
    const head = make('tr');
    for (const text of ['Time', ...series.map(({ name }) => name)]) {
      const cell = make('th', text === 'Time' ? '' : 'number', text);
      cell.scope = 'col';
      head.append(cell);
    }
    const body = make('tbody');
    for (let step = 0; step <= ROWS; step++) {
      const atMs = to - (step * (to - from)) / ROWS;
      const sample = history[nearest(history, atMs)];
      if (sample === undefined || Math.abs(sample.atMs - atMs) > GAP_MS) continue;
      const row = make('tr');
      const time = make('th', '', clockTime(sample.atMs));
      time.scope = 'row';
      row.append(time, ...series.map(({ valueIn }) => make('td', 'number', format(valueIn(sample)))));
      body.append(row);
    }
    const top = make('thead');
    top.append(head);
    this.#table.replaceChildren(make('caption', 'unseen', `${title}, ${unit}`), top, body);
  }
}
