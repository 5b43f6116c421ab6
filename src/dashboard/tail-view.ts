// The live tail: what happens to sessions, line by line, the latest on top.
import type { SessionEvent } from '../http/dashboard/messages.ts';
import { clockTime, clone, need, placeAt, setAttribute, setClass, setText, setTitled } from './dom.ts';
import { count } from './format.ts';
import { KeyedRows } from './keyed-rows.ts';
import type { Model } from './model.ts';
import { cutText, plainText, words } from './plain-text.ts';
import { protocolName } from './protocols.ts';
import type { TailEntry } from './tail.ts';

const WHAT: Readonly<Record<SessionEvent['what'], string>> = {
  begin: 'begins',
  login: 'login',
  refused: 'refused',
  error: 'failed',
  end: 'ends',
};

interface EventRow {
  readonly element: HTMLLIElement;
  readonly time: HTMLTimeElement;
  readonly what: HTMLElement;
  readonly protocol: HTMLElement;
  readonly user: HTMLElement;
  readonly client: HTMLElement;
  readonly why: HTMLElement;
}

export class TailView {
  readonly #model: Model;
  readonly #changed: () => void;
  readonly #list = need('#events', HTMLOListElement);
  readonly #empty = need('#tail-empty', HTMLElement);
  readonly #leftOut = need('#left-out', HTMLElement);
  readonly #of = need('#tail-of', HTMLElement);
  readonly #pause = need('#tail-pause', HTMLButtonElement);
  readonly #rows: KeyedRows<EventRow, TailEntry>;
  #isPaused = false;
  #second = Number.NaN;
  #secondText = '';

  /** @param changed the server need not tell any more, or again */
  constructor(model: Model, changed: () => void) {
    this.#model = model;
    this.#changed = changed;
    this.#rows = new KeyedRows<EventRow, TailEntry>(
      {
        create: eventRow,
        show: (row, entry) => this.#showEvent(row, entry),
        place: (row, index) => placeAt(this.#list, row.element, index),
        remove: (row) => row.element.remove(),
      },
      ({ sequence }) => String(sequence),
    );
    this.#pause.addEventListener('click', () => {
      this.#isPaused = !this.#isPaused;
      setAttribute(this.#pause, 'aria-pressed', String(this.#isPaused));
      this.show(this.#isFiltered);
      this.#changed();
    });
  }

  #isFiltered = false;

  get isWanted(): boolean {
    return !this.#isPaused;
  }

  show(isFiltered: boolean): void {
    this.#isFiltered = isFiltered;
    const { entries, leftOut } = this.#model.tail;
    this.#rows.show(entries);
    this.#empty.hidden = entries.length > 0;
    setText(this.#of, `${isFiltered ? 'sessions that fit' : 'all sessions'}${this.#isPaused ? ', paused' : ''}`);
    setText(this.#leftOut, leftOut > 0 ? `${count(leftOut)} more came too fast to be shown.` : '');
  }

  #showEvent(row: EventRow, { event }: TailEntry): void {
    const { atMs, what, protocol, client, user, isCut, why = '' } = event;
    setText(row.time, this.#time(atMs));
    setAttribute(row.time, 'datetime', Number.isFinite(atMs) ? new Date(atMs).toISOString() : '');
    setText(row.what, WHAT[what] ?? '');
    setClass(row.what, `what what-${what in WHAT ? what : 'end'}`);
    setText(row.protocol, protocolName(plainText(protocol)));
    // Who has not said who it is is known by the address alone.
    const isKnown = user !== '';
    setTitled(row.user, isKnown ? cutText(user, isCut) : plainText(client));
    setClass(row.user, isKnown ? 'user' : 'user nobody');
    setTitled(row.client, isKnown ? plainText(client) : '');
    setTitled(row.why, what === 'end' ? words(why) : plainText(why));
  }

  /** To write a time takes its time, and many events are of one second. */
  #time(atMs: number): string {
    const second = Math.floor(atMs / 1000);
    if (second !== this.#second) this.#secondText = clockTime(atMs);
    this.#second = second;
    return this.#secondText;
  }
}

function eventRow(): EventRow {
  const element = clone('#event-row', HTMLLIElement);
  const part = (name: string): HTMLElement => need(name, HTMLElement, element);
  return {
    element,
    time: need('time', HTMLTimeElement, element),
    what: part('.what'),
    protocol: part('.protocol'),
    user: part('.user'),
    client: part('.client'),
    why: part('.why'),
  };
}
