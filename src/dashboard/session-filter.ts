// The form that says which sessions are shown.
import type { Filter } from '../http/dashboard/messages.ts';
import { make, need, setText } from './dom.ts';
import { FIELDS, type Field, isEmpty, isFault, readFilter, sameFilter } from './filter.ts';
import { protocolName } from './protocols.ts';

/** A list to choose from is of no use when it is longer. */
const MOST_OPTIONS = 100;

export class SessionFilterForm {
  readonly #form = need('#filter', HTMLFormElement);
  readonly #clear = need('#filter-clear', HTMLButtonElement);
  readonly #fault = need('#filter-fault', HTMLElement);
  readonly #changed: (filter: Filter) => void;
  #filter: Filter = {};

  constructor(changed: (filter: Filter) => void) {
    this.#changed = changed;
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#apply();
    });
    // The fields are empty only after the event.
    this.#form.addEventListener('reset', () => setTimeout(() => this.#apply()));
    // A choice from a list is meant; of a text, nobody knows before it is sent.
    for (const select of this.#form.querySelectorAll('select')) select.addEventListener('change', () => this.#apply());
  }

  get filter(): Filter {
    return this.#filter;
  }

  /** Only this user, besides what is there. */
  pick(user: string): void {
    this.#field('user').value = user;
    this.#apply();
    this.#field('user').focus();
  }

  /** What there is to choose from. */
  offer(protocols: readonly string[], servers: readonly string[], backends: readonly string[]): void {
    const select = this.#field('protocol');
    if (select instanceof HTMLSelectElement) {
      for (const name of protocols) {
        if ([...select.options].some(({ value }) => value === name)) continue;
        const option = make('option', '', protocolName(name));
        option.value = name;
        select.append(option);
      }
    }
    offerIn('#server-names', servers);
    offerIn('#backend-names', backends);
  }

  #field(name: Field): HTMLInputElement | HTMLSelectElement {
    const field = this.#form.elements.namedItem(name);
    if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) return field;
    throw new Error(`the filter has no ${name}`);
  }

  #apply(): void {
    const found = readFilter(new Map(FIELDS.map((name) => [name, this.#field(name).value])));
    for (const name of FIELDS) {
      const isWrong = isFault(found) && found.field === name;
      this.#field(name).toggleAttribute('aria-invalid', isWrong);
      if (isWrong) this.#field(name).setAttribute('aria-describedby', this.#fault.id);
      else this.#field(name).removeAttribute('aria-describedby');
    }
    setText(this.#fault, isFault(found) ? found.text : '');
    if (isFault(found)) {
      this.#field(found.field).focus();
      return;
    }
    if (isEmpty(found) && this.#clear === document.activeElement) this.#field('user').focus();
    this.#clear.hidden = isEmpty(found);
    if (sameFilter(found, this.#filter)) return;
    this.#filter = found;
    this.#changed(found);
  }
}

function offerIn(list: string, values: readonly string[]): void {
  const element = need(list, HTMLDataListElement);
  const known = new Set([...element.options].map(({ value }) => value));
  for (const value of new Set(values)) {
    if (known.has(value) || value === '' || known.size >= MOST_OPTIONS) continue;
    known.add(value);
    const option = make('option');
    option.value = value;
    element.append(option);
  }
}
