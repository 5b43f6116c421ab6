// Beside the charts: what takes longest, versions of TLS, and the worker processes.
import type { WorkerLine } from '../http/dashboard/messages.ts';
import { showState } from './cells.ts';
import { make, need, placeAt, setClass, setText, setTitled } from './dom.ts';
import { count, duration, milliseconds, percent } from './format.ts';
import { KeyedRows } from './keyed-rows.ts';
import { Legend } from './legend.ts';
import type { Model } from './model.ts';
import { plainText } from './plain-text.ts';
import { logScale } from './scale.ts';
import { SortedTable } from './sorted-table.ts';
import { type Timed, timesDomain } from './times.ts';

const MOST_SLOW = 8;
/** A time that was measured longer ago than this is of the past. */
const RECENT_MS = 3000;

const WHAT: Readonly<Record<Timed['what'], string>> = { auth: 'auth', backend: 'login', login: 'backend' };

export class Breakdown {
  readonly #model: Model;
  readonly #slowest = need('#slowest', HTMLOListElement);
  readonly #slowestEmpty = need('#slowest-empty', HTMLElement);
  readonly #decades = need('#decades', HTMLElement);
  readonly #tls = new Legend(need('#tls', HTMLUListElement));
  readonly #tlsEmpty = need('#tls-empty', HTMLElement);
  readonly #tlsShares = need('#tls-shares', HTMLElement);
  readonly #respawned = need('#respawned', HTMLElement);
  readonly #workers: SortedTable<WorkerLine>;
  readonly #slow: KeyedRows<HTMLLIElement, Timed>;
  #domain = { from: 1, to: 100 };

  constructor(model: Model) {
    this.#model = model;
    this.#slow = new KeyedRows<HTMLLIElement, Timed>(
      {
        create: slowRow,
        show: (row, timed) => this.#showSlow(row, timed),
        place: (row, index) => placeAt(this.#slowest, row, index),
        remove: (row) => row.remove(),
      },
      ({ key }) => key,
    );
    this.#workers = new SortedTable<WorkerLine>(
      'workers',
      '#workers',
      [
        { title: 'Process', valueIn: ({ pid }) => pid, show: (cell, { pid }) => setText(cell, String(pid)) },
        {
          title: 'State',
          valueIn: ({ condition }) => condition,
          show: (cell, { condition }) => showState(cell, condition),
        },
        { title: 'Connections', isNumber: true, valueIn: ({ connections }) => connections },
      ],
      ({ pid }) => String(pid),
    );
  }

  show(): void {
    const { now } = this.#model;
    if (now === undefined) return;
    this.#showTimes();
    this.#showTls(now.tls);
    this.#workers.show(now.workers);
    setText(
      this.#respawned,
      now.respawned === 0 ? 'none had to be replaced' : `${count(now.respawned)} replaced so far`,
    );
  }

  #showTimes(): void {
    const slowest = this.#model.times.slowest(MOST_SLOW);
    this.#slowestEmpty.hidden = slowest.length > 0;
    this.#decades.hidden = slowest.length === 0;
    this.#domain = timesDomain(slowest);
    this.#slow.show(slowest);
    const { from, to } = this.#domain;
    const decades = Math.round(Math.log10(to / from));
    const texts = Array.from({ length: decades + 1 }, (_, power) => milliseconds(from * 10 ** power));
    if (texts.join() === [...this.#decades.children].map((child) => child.textContent).join()) return;
    this.#decades.replaceChildren(...texts.map((text) => make('span', '', text)));
  }

  #showSlow(row: HTMLLIElement, { what, name, times, atMs }: Timed): void {
    const isRecent = (this.#model.now?.atMs ?? 0) - atMs <= RECENT_MS;
    setClass(row, isRecent ? '' : 'past');
    const [kind, label, track, figures] = row.children;
    const bar = track?.firstElementChild;
    if (!(bar instanceof HTMLElement) || !(label instanceof HTMLElement) || kind === undefined) return;
    setText(kind, WHAT[what]);
    setTitled(label, plainText(name));
    const scale = logScale(this.#domain, { from: 0, to: 100 });
    bar.style.left = `${scale(times.p50).toFixed(1)}%`;
    bar.style.right = `${(100 - scale(times.p99)).toFixed(1)}%`;
    const [half, most, age] = figures?.children ?? [];
    if (half !== undefined) setText(half, milliseconds(times.p50));
    if (most !== undefined) setText(most, milliseconds(times.p99));
    const past = (this.#model.now?.atMs ?? 0) - atMs;
    if (age !== undefined) setText(age, isRecent ? '' : `, ${duration(past)} ago`);
  }

  #showTls(handshakes: Readonly<Record<string, number>>): void {
    const versions = Object.entries(handshakes)
      .filter(([, many]) => many > 0)
      .sort(([one], [other]) => (one < other ? 1 : -1));
    const all = versions.reduce((sum, [, many]) => sum + many, 0);
    this.#tlsEmpty.hidden = all > 0;
    this.#tlsShares.hidden = all === 0;
    const classOf = (name: string): string => (/^TLSv1(\.1)?$|^SSL/.test(name) ? 'version-old' : versionClass(name));
    this.#tls.show(
      versions.map(([name, many]) => ({
        name: plainText(name),
        className: classOf(name),
        text: `${count(many)} · ${percent(many, all)}`,
      })),
    );
    while (this.#tlsShares.children.length > versions.length) this.#tlsShares.lastElementChild?.remove();
    while (this.#tlsShares.children.length < versions.length) this.#tlsShares.append(make('i'));
    versions.forEach(([name, many], index) => {
      const share = this.#tlsShares.children[index];
      if (!(share instanceof HTMLElement)) return;
      setClass(share, classOf(name));
      share.style.flexGrow = String(many);
    });
  }
}

const versionClass = (name: string): string => (name.endsWith('1.3') ? 'version-new' : 'version-mid');

function slowRow(): HTMLLIElement {
  const row = make('li');
  const track = make('span', 'track');
  track.setAttribute('aria-hidden', 'true');
  track.append(make('i', 'reach'));
  const figures = make('span', 'figures');
  figures.append(make('span'), ' ', make('b'), make('small'));
  row.append(make('span', 'what'), make('bdi', 'name'), track, figures);
  return row;
}
