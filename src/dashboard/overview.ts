// The overview: the headline, and the charts with the range that they show.
import type { Now, Sample } from '../http/dashboard/messages.ts';
import { Chart } from './chart.ts';
import type { Series } from './chart-spec.ts';
import { Cursor } from './cursor.ts';
import { make, need, setClass, setText } from './dom.ts';
import { count, duration, plural, rate, short } from './format.ts';
import { totalOf } from './history.ts';
import type { Model } from './model.ts';
import { plainText } from './plain-text.ts';
import { protocolName, protocolsOf, seriesClass } from './protocols.ts';
import { summaryOf } from './summary.ts';

const MINUTE = 60_000;

/** Trouble stands on the ground, where a little of it can be told from none. */
const LOGINS: readonly Series[] = [
  { name: 'accepted', className: 'series-ok', valueIn: ({ ok }) => ok },
  { name: 'refused', className: 'series-refused', valueIn: ({ refused }) => refused },
  { name: 'failed', className: 'series-error', valueIn: ({ error }) => error },
];

export class Overview {
  readonly #model: Model;
  readonly #headline = need('#headline', HTMLElement);
  readonly #configuration = need('#configuration', HTMLElement);
  readonly #version = need('#version', HTMLElement);
  readonly #sessions: Chart;
  readonly #logins: Chart;
  #sentences: HTMLElement[] = [];
  #range = 60 * MINUTE;

  /** @param draw asks for a frame */
  constructor(model: Model, draw: () => void) {
    this.#model = model;
    const cursor = new Cursor(draw);
    this.#sessions = new Chart(
      need('#sessions-chart', HTMLElement),
      {
        title: 'Sessions',
        unit: 'sessions',
        format: (value) => (value < 100_000 ? count(value) : short(value)),
        leastTop: 4,
        isTopFirst: false,
      },
      cursor,
      draw,
    );
    this.#logins = new Chart(
      need('#logins-chart', HTMLElement),
      { title: 'Logins a second', unit: 'logins a second', format: rate, leastTop: 1, isTopFirst: true },
      cursor,
      draw,
    );
    const range = need('#range', HTMLFieldSetElement);
    range.addEventListener('change', () => {
      const minutes = Number(need('input:checked', HTMLInputElement, range).value);
      this.#range = minutes * MINUTE;
      draw();
    });
  }

  show(localMs: number): void {
    const { now, hello, history } = this.#model;
    if (hello !== undefined) setText(this.#version, plainText(hello.version));
    const last: Sample | undefined = now ?? history.at(-1);
    if (last === undefined) return;
    const to = now === undefined ? last.atMs : this.#model.serverMs(localMs);
    const window = { from: to - this.#range, to };
    this.#sessions.draw(history, this.#protocols(last), window, now);
    this.#logins.draw(history, LOGINS, window, now);
    if (now === undefined) return;
    this.#showHeadline(now);
    const age = duration(to - now.loadedMs);
    setText(
      this.#configuration,
      `Configuration ${now.generation}, in force for ${age}. ${plural(now.workers.length, 'worker')}.`,
    );
    document.title = `${plural(totalOf(now.sessions), 'session')} · Postern`;
  }

  #protocols(last: Sample): Series[] {
    const names = protocolsOf(this.#model.history, last.sessions);
    return names.map((name, index) => ({
      name: protocolName(plainText(name)),
      className: seriesClass(name, index),
      valueIn: ({ sessions }) => sessions[name] ?? 0,
    }));
  }

  #showHeadline(now: Now): void {
    const sentences = summaryOf(now);
    if (this.#sentences.length !== sentences.length) {
      this.#sentences = sentences.map(() => make('span', 'sentence'));
      this.#headline.replaceChildren(...this.#sentences.flatMap((span) => [span, ' ']));
    }
    this.#sentences.forEach((sentence, place) => {
      const pieces = sentences[place] ?? [];
      while (sentence.children.length > pieces.length) sentence.lastElementChild?.remove();
      while (sentence.children.length < pieces.length) sentence.append(make('span'));
      pieces.forEach(({ text, kind }, index) => {
        const span = sentence.children[index];
        if (span === undefined) return;
        setText(span, text);
        setClass(span, kind);
      });
    });
  }
}
