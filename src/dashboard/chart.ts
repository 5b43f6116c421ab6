// A chart of layers over time, in SVG: axes, a legend with the figures of now, and a read-out of any moment.
import type { Sample } from '../http/dashboard/messages.ts';
import { averaged, layers, type Point, runs, sumTo } from './area.ts';
import type { ChartSpec, Series } from './chart-spec.ts';
import { ChartTable } from './chart-table.ts';
import type { Cursor, Window } from './cursor.ts';
import { clockTime, make, makeSvg, minuteTime, setAttribute, setText } from './dom.ts';
import { GAP_MS, indexAt, nearest } from './history.ts';
import { Legend } from './legend.ts';
import { linearScale, type Scale, timeTicks, valueTicks } from './scale.ts';

const TOP = 14;
const BOTTOM = 22;
const TICK_WIDTH = 76;
/** Points that are closer make a line that nobody can follow. */
const POINT_WIDTH = 2;
const MINUTE = 60_000;

export class Chart {
  readonly #spec: ChartSpec;
  readonly #cursor: Cursor;
  readonly #plot = make('div', 'plot');
  readonly #svg = makeSvg('svg', { 'aria-hidden': 'true', focusable: 'false' });
  readonly #axes = makeSvg('g', { class: 'axes' });
  readonly #marks = makeSvg('g');
  readonly #rule = makeSvg('path', { class: 'rule' });
  readonly #readout = make('div', 'readout');
  readonly #legend: Legend;
  readonly #readoutLegend = new Legend(make('ul', 'legend tall'));
  readonly #moment = make('p', 'moment');
  readonly #table: ChartTable;
  #width = 0;
  #height = 0;
  #window: Window = { from: 0, to: 1 };
  #series: readonly Series[] = [];
  #history: readonly Sample[] = [];

  constructor(figure: HTMLElement, spec: ChartSpec, cursor: Cursor, resized: () => void) {
    this.#spec = spec;
    this.#cursor = cursor;
    const caption = make('figcaption', 'head');
    this.#legend = new Legend(make('ul', 'legend'));
    caption.append(make('h2', '', spec.title), this.#legend.list);
    this.#svg.append(this.#axes, this.#marks, this.#rule);
    this.#readout.append(this.#moment, this.#readoutLegend.list);
    this.#readout.hidden = true;
    this.#plot.append(this.#svg, this.#readout);
    this.#plot.tabIndex = 0;
    for (const [name, value] of Object.entries({
      role: 'slider',
      'aria-label': `${spec.title}: the arrow keys move through time`,
      'aria-valuemin': '0',
      'aria-valuemax': '0',
      'aria-valuenow': '0',
      'aria-valuetext': 'no figures yet',
    }))
      this.#plot.setAttribute(name, value);
    this.#table = new ChartTable(spec);
    figure.append(caption, this.#plot, this.#table.element);
    new ResizeObserver(([entry]) => {
      this.#width = Math.floor(entry?.contentRect.width ?? 0);
      this.#height = Math.floor(entry?.contentRect.height ?? 0);
      resized();
    }).observe(this.#plot);
    const width = (): number => this.#width;
    cursor.attach(
      this.#plot,
      () => this.#window,
      (x) => linearScale({ from: 0, to: width() }, this.#window)(x),
    );
  }

  /** @param now what the legend says */
  draw(history: readonly Sample[], series: readonly Series[], window: Window, now: Sample | undefined): void {
    this.#window = window;
    this.#series = series;
    this.#history = history;
    this.#legend.show(this.#rows(now));
    if (this.#width === 0) return;
    setAttribute(this.#svg, 'viewBox', `0 0 ${this.#width} ${this.#height}`);
    const stack = this.#spec.isTopFirst ? series.toReversed() : series;
    const known = history
      .slice(Math.max(0, indexAt(history, window.from) - 1))
      .map((sample): Point => ({ atMs: sample.atMs, values: stack.map(({ valueIn }) => valueIn(sample)) }));
    const slotMs = ((window.to - window.from) * POINT_WIDTH) / this.#width;
    const parts = runs(known, GAP_MS).map((run) => averaged(run, slotMs));
    const greatest = parts.flat().reduce((top, point) => Math.max(top, sumTo(point, stack.length)), 0);
    const ticks = valueTicks(greatest, 4, this.#spec.leastTop);
    const x = linearScale(window, { from: 0, to: this.#width });
    const y = linearScale({ from: 0, to: ticks.at(-1) ?? 1 }, { from: this.#height - BOTTOM, to: TOP });
    this.#drawAxes(x, y, ticks);
    this.#drawLayers(parts, stack, x, y);
    this.#drawCursor(x);
    this.#table.keep(history, series, window);
  }

  #rows(sample: Sample | undefined): { name: string; className: string; text: string }[] {
    return this.#series.map(({ name, className, valueIn }) => ({
      name,
      className,
      text: sample === undefined ? '' : this.#spec.format(valueIn(sample)),
    }));
  }

  #drawAxes(x: Scale, y: Scale, ticks: readonly number[]): void {
    const nodes: SVGElement[] = [];
    for (const tick of ticks) {
      const height = Math.round(y(tick)) + 0.5;
      nodes.push(makeSvg('path', { d: `M0 ${height}H${this.#width}`, class: tick === 0 ? 'base' : 'grid' }));
      if (tick > 0) nodes.push(label(0, height - 4, this.#spec.format(tick), 'start'));
    }
    const { from, to } = this.#window;
    const offset = -new Date(to).getTimezoneOffset() * MINUTE;
    for (const tick of timeTicks(this.#window, Math.max(2, this.#width / TICK_WIDTH), offset)) {
      const left = x(tick);
      if (left < 18 || left > this.#width - 18) continue;
      const text = tick % MINUTE === 0 && to - from > 2 * MINUTE ? minuteTime(tick) : clockTime(tick);
      nodes.push(makeSvg('path', { d: `M${left.toFixed(1)} ${this.#height - BOTTOM}v4`, class: 'base' }));
      nodes.push(label(left, this.#height - 5, text, 'middle'));
    }
    this.#axes.replaceChildren(...nodes);
  }

  #drawLayers(parts: readonly Point[][], stack: readonly Series[], x: Scale, y: Scale): void {
    const drawn = layers(parts, x, y);
    while (this.#marks.children.length > 2 * drawn.length) this.#marks.lastElementChild?.remove();
    while (this.#marks.children.length < 2 * drawn.length) this.#marks.append(makeSvg('path'));
    drawn.forEach(({ area, line }, index) => {
      const { className = '' } = stack[index] ?? {};
      for (const [place, d, kind] of [
        [2 * index, area, 'area'],
        [2 * index + 1, line, 'line'],
      ] as const) {
        const path = this.#marks.children[place];
        path?.setAttribute('d', d);
        path?.setAttribute('class', `${kind} ${className}`);
      }
    });
  }

  #drawCursor(x: Scale): void {
    const { atMs } = this.#cursor;
    const sample = this.#history[nearest(this.#history, atMs ?? this.#window.to)];
    const { from, to } = this.#window;
    const isKnown = sample !== undefined && Math.abs(sample.atMs - (atMs ?? to)) <= GAP_MS;
    setAttribute(this.#plot, 'aria-valuemax', String(Math.round((to - from) / 1000)));
    setAttribute(this.#plot, 'aria-valuenow', String(Math.round(((atMs ?? to) - from) / 1000)));
    setAttribute(this.#plot, 'aria-valuetext', this.#spoken(isKnown ? sample : undefined, atMs ?? to));
    const isShown = atMs !== undefined && atMs >= from;
    this.#readout.hidden = !isShown;
    setAttribute(this.#rule, 'd', isShown ? `M${x(atMs).toFixed(1)} ${TOP}V${this.#height - BOTTOM}` : '');
    if (!isShown) return;
    setText(this.#moment, clockTime(isKnown ? sample.atMs : atMs));
    const rows = isKnown ? this.#rows(sample) : [];
    this.#readoutLegend.show(this.#spec.isTopFirst ? rows : rows.reverse());
    const left = x(atMs);
    const isRight = left > this.#width / 2;
    this.#readout.style.transform = isRight
      ? `translateX(calc(${left.toFixed(0)}px - 100% - 10px))`
      : `translateX(${(left + 10).toFixed(0)}px)`;
  }

  #spoken(sample: Sample | undefined, atMs: number): string {
    if (sample === undefined) return `${clockTime(atMs)}: not known`;
    const parts = this.#rows(sample).map(({ name, text }) => `${name} ${text}`);
    return `${clockTime(sample.atMs)}: ${parts.join(', ')} ${this.#spec.unit}`;
  }
}

function label(x: number, y: number, text: string, anchor: string): SVGTextElement {
  const node = makeSvg('text', { x: x.toFixed(1), y, 'text-anchor': anchor });
  node.textContent = text;
  return node;
}
