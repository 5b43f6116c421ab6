// A legend: the colour, the name and the figure of each series.
import { make, setClass, setText } from './dom.ts';

export interface LegendRow {
  readonly name: string;
  readonly className: string;
  readonly text: string;
}

export class Legend {
  readonly list: HTMLUListElement;

  constructor(list: HTMLUListElement) {
    this.list = list;
  }

  show(rows: readonly LegendRow[]): void {
    while (this.list.children.length > rows.length) this.list.lastElementChild?.remove();
    while (this.list.children.length < rows.length) {
      const item = make('li');
      item.append(make('i', 'swatch'), make('span', 'name'), make('b'));
      this.list.append(item);
    }
    rows.forEach(({ name, className, text }, index) => {
      const [swatch, label, figure] = this.list.children[index]?.children ?? [];
      if (swatch === undefined || label === undefined || figure === undefined) return;
      setClass(swatch, `swatch ${className}`);
      setText(label, name);
      setText(figure, text);
    });
  }
}
