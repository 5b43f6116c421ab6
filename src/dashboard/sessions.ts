// The list of sessions: a page of those that the filter names, and the way to others.
import type { Filter, SessionLine } from '../http/dashboard/messages.ts';
import { need, placeAt, setText } from './dom.ts';
import type { Ending } from './ending.ts';
import { isEmpty } from './filter.ts';
import { count, plural } from './format.ts';
import { KeyedRows } from './keyed-rows.ts';
import type { Model } from './model.ts';
import { SessionFilterForm } from './session-filter.ts';
import { SessionRow } from './session-row.ts';

/** What the page asks for. */
export interface Question {
  readonly filter: Filter;
  readonly limit: number;
  readonly after: string | undefined;
}

const NARROW = '(max-width: 40rem)';

export class Sessions {
  readonly #model: Model;
  readonly #ask: () => void;
  readonly #form: SessionFilterForm;
  readonly #rows: KeyedRows<SessionRow, SessionLine>;
  readonly #table = need('#sessions-table', HTMLTableElement);
  readonly #empty = need('#sessions-empty', HTMLElement);
  readonly #count = need('#sessions-count', HTMLElement);
  readonly #text = need('#pager-text', HTMLElement);
  readonly #size = need('#page-size', HTMLSelectElement);
  readonly #first = need('#first-page', HTMLButtonElement);
  readonly #previous = need('#previous-page', HTMLButtonElement);
  readonly #next = need('#next-page', HTMLButtonElement);
  /** The cursors of the pages before this one; the first page has none. */
  readonly #before: (string | undefined)[] = [];
  #after: string | undefined;
  #shown: SessionRow[] = [];
  readonly #rowOf = new WeakMap<Element, SessionRow>();

  /** @param ask sends the question */
  constructor(model: Model, ending: Ending, ask: () => void) {
    this.#model = model;
    this.#ask = ask;
    this.#form = new SessionFilterForm(() => this.#goFirst());
    const body = need('#session-rows', HTMLTableSectionElement);
    const actions = {
      pick: (user: string) => this.#form.pick(user),
      end: (session: SessionLine, row: SessionRow) => ending.ask(session, row),
    };
    this.#rows = new KeyedRows(
      {
        create: () => {
          const row = new SessionRow(actions);
          this.#rowOf.set(row.element, row);
          return row;
        },
        show: (row, session) => {
          row.show(session, this.#nowMs, this.#model.hello?.api !== undefined);
        },
        place: (row, index) => {
          this.#shown[index] = row;
          placeAt(body, row.element, index);
        },
        remove: (row) => this.#remove(row),
      },
      ({ id }) => id,
    );
    if (matchMedia(NARROW).matches) this.#size.value = '20';
    this.#size.addEventListener('change', () => this.#goFirst());
    this.#first.addEventListener('click', () => this.#turn(this.#first, () => this.#goFirst()));
    this.#previous.addEventListener('click', () => this.#turn(this.#previous, () => this.#goBack()));
    this.#next.addEventListener('click', () => this.#turn(this.#next, () => this.#goOn()));
  }

  get question(): Question {
    return { filter: this.#form.filter, limit: Number(this.#size.value), after: this.#after };
  }

  get #nowMs(): number {
    return this.#model.serverMs(performance.now());
  }

  show(): void {
    const { page, now, hello } = this.#model;
    if (page === undefined) return;
    const { sessions, total } = page;
    // The page has run empty while others are there: sessions end.
    if (sessions.length === 0 && this.#before.length > 0) this.#goFirst();
    this.#shown.length = sessions.length;
    this.#rows.show(sessions);
    this.#table.hidden = sessions.length === 0;
    this.#table.classList.toggle('may-end', hello?.api !== undefined);
    this.#empty.hidden = sessions.length > 0;
    const isAll = isEmpty(this.#form.filter);
    setText(this.#empty, isAll ? 'There are no sessions.' : 'No session fits.');
    setText(
      this.#count,
      isAll ? plural(total, 'live session') : `${plural(total, 'session')} ${total === 1 ? 'fits' : 'fit'}`,
    );
    setText(this.#text, this.#range(sessions.length, total));
    this.#first.disabled = this.#before.length === 0;
    this.#previous.disabled = this.#before.length === 0;
    this.#next.disabled = page.next === undefined;
    this.#form.offer(
      Object.keys(now?.sessions ?? {}),
      sessions.map(({ server }) => server),
      (now?.peers ?? []).map(({ server }) => server),
    );
  }

  /** Ages go on between the answers. */
  tick(): void {
    const nowMs = this.#nowMs;
    for (const row of this.#shown) row?.showAge(nowMs);
  }

  #range(shown: number, total: number): string {
    if (shown === 0) return '';
    const start = this.#before.length * Number(this.#size.value);
    // Those before may have ended since: what is shown is never beyond the end.
    const first = Math.min(start, Math.max(0, total - shown)) + 1;
    return `${count(first)}–${count(first + shown - 1)} of ${count(total)}`;
  }

  #remove(row: SessionRow): void {
    const { element } = row;
    const hasFocus = element.contains(document.activeElement);
    const next = element.nextElementSibling ?? element.previousElementSibling;
    element.remove();
    if (!hasFocus) return;
    const other = next === null ? undefined : this.#rowOf.get(next);
    if (other === undefined) need('#sessions', HTMLElement).focus();
    else other.focus();
  }

  #goFirst(): void {
    this.#before.length = 0;
    this.#after = undefined;
    this.#ask();
  }

  #goBack(): void {
    if (this.#before.length === 0) return;
    this.#after = this.#before.pop();
    this.#ask();
  }

  #goOn(): void {
    const next = this.#model.page?.next;
    if (next === undefined) return;
    this.#before.push(this.#after);
    this.#after = next;
    this.#ask();
  }

  /** A button that is at its end keeps nobody's focus. */
  #turn(button: HTMLButtonElement, go: () => void): void {
    go();
    const isFirst = this.#before.length === 0;
    this.#first.disabled = isFirst;
    this.#previous.disabled = isFirst;
    if (button.disabled) this.#next.focus();
    // Until the answer is there, nobody knows what comes after it.
    this.#next.disabled = button === this.#next;
    if (button === this.#next) need('#sessions', HTMLElement).focus({ preventScroll: true });
  }
}
