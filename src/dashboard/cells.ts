// What cells of tables hold: a name, a pair of times, a state.
import { stateName, toneOf } from './backends.ts';
import { make, setClass, setText, setTitled } from './dom.ts';
import { milliseconds } from './format.ts';
import { plainText } from './plain-text.ts';
import type { Timed } from './times.ts';

/** The children that a cell was given first; it keeps them. */
function parts(cell: HTMLElement, ...tags: readonly ('bdi' | 'span' | 'b' | 'small')[]): readonly HTMLElement[] {
  if (cell.childElementCount === 0) {
    tags.forEach((tag, index) => {
      if (index > 0) cell.append(' ');
      cell.append(make(tag));
    });
  }
  return [...cell.children].filter((child) => child instanceof HTMLElement);
}

/** @param small what stands behind it: a protocol, a group */
export function showName(cell: HTMLElement, name: string, small: string): void {
  const [first, second] = parts(cell, 'bdi', 'small');
  if (first === undefined || second === undefined) return;
  setClass(first, 'name');
  setTitled(first, plainText(name));
  setText(second, plainText(small));
}

/** Half of them within the first, all but one in a hundred within the second. */
export function showTimes(cell: HTMLElement, timed: Timed | undefined): void {
  const [first, second] = parts(cell, 'span', 'b');
  if (first === undefined || second === undefined) return;
  setText(first, timed === undefined ? '' : milliseconds(timed.times.p50));
  setText(second, timed === undefined ? '–' : milliseconds(timed.times.p99));
}

/** Its colour never says it alone. */
export function showState(cell: HTMLElement, state: string): void {
  const [badge] = parts(cell, 'span');
  if (badge === undefined) return;
  setText(badge, plainText(stateName(state)));
  setClass(badge, `badge tone-${toneOf(state)}`);
}

/** A rate that is trouble as soon as there is one. */
export function showTrouble(cell: HTMLElement, text: string, kind: 'refused' | 'error', isSome: boolean): void {
  const [figure] = parts(cell, 'span');
  if (figure === undefined) return;
  setText(figure, text);
  setClass(figure, isSome ? kind : 'none');
}
