// The document, typed: elements that have to be there, new ones, and text that is only written when it has changed.

/** @throws where there is none of the kind: the page and its script are of one version */
export function need<T extends Element>(selector: string, type: abstract new () => T, root: ParentNode = document): T {
  const found = root.querySelector(selector);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${selector}`);
}

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  text = '',
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  if (text !== '') element.textContent = text;
  return element;
}

export function makeSvg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number>> = {},
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/** The first element of a template, once more. */
export function clone<T extends Element>(template: string, type: abstract new () => T): T {
  const first = need(template, HTMLTemplateElement).content.firstElementChild?.cloneNode(true);
  if (first instanceof type) return first;
  throw new Error(`${template} is of another kind`);
}

export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Text that may not fit: the whole of it is told where the pointer rests. */
export function setTitled(element: HTMLElement, text: string): void {
  if (element.textContent === text && element.title === text) return;
  element.textContent = text;
  element.title = text;
}

export function setClass(element: Element, className: string): void {
  if (element.getAttribute('class') !== className) element.setAttribute('class', className);
}

export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Puts an element at a place among its siblings, unless it is there. */
export function placeAt(parent: Element, element: Element, index: number): void {
  const there = parent.children[index] ?? null;
  if (there !== element) parent.insertBefore(element, there);
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const minutes = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** `20:15:03`, by the clock of who looks. */
export const clockTime = (atMs: number): string => clock.format(atMs);

/** `20:15` */
export const minuteTime = (atMs: number): string => minutes.format(atMs);
