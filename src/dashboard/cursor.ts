// The moment that is looked at, the same in all charts: by pointer, or by the arrow keys.
import { KEPT_MS } from './history.ts';

export interface Window {
  /** Of what is drawn; the end is now. */
  readonly from: number;
  readonly to: number;
}

/** The arrow keys cross the chart in so many steps. */
const STEPS = 60;

export class Cursor {
  /** Milliseconds since 1970; undefined: nobody is looking. */
  atMs: number | undefined;
  readonly #moved: () => void;

  constructor(moved: () => void) {
    this.#moved = moved;
  }

  /** @param windowOf what the plot shows just now, and moment at a place of it */
  attach(plot: HTMLElement, windowOf: () => Window, momentAt: (x: number) => number): void {
    plot.addEventListener('pointermove', (event) => {
      this.#set(momentAt(event.clientX - plot.getBoundingClientRect().left), windowOf());
    });
    plot.addEventListener('pointerleave', () => this.#clear());
    plot.addEventListener('pointercancel', () => this.#clear());
    plot.addEventListener('blur', () => this.#clear());
    plot.addEventListener('keydown', (event) => {
      const window = windowOf();
      const step = (window.to - window.from) / STEPS;
      const moment = this.#keyed(event.key, window, step);
      if (event.key === 'Escape') this.#clear();
      if (moment === undefined) return;
      event.preventDefault();
      this.#set(moment, window);
    });
  }

  #keyed(key: string, { from, to }: Window, step: number): number | undefined {
    const at = this.atMs ?? to;
    switch (key) {
      case 'ArrowLeft':
      case 'ArrowDown':
        return at - step;
      case 'ArrowRight':
      case 'ArrowUp':
        return at + step;
      case 'PageUp':
        return at + 10 * step;
      case 'PageDown':
        return at - 10 * step;
      case 'Home':
        return from;
      case 'End':
        return to;
      default:
        return undefined;
    }
  }

  #set(moment: number, { from, to }: Window): void {
    this.atMs = Math.min(Math.max(moment, from, to - KEPT_MS), to);
    this.#moved();
  }

  #clear(): void {
    if (this.atMs === undefined) return;
    this.atMs = undefined;
    this.#moved();
  }
}
