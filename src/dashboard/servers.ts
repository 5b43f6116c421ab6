// The tables of servers and of backends.
import type { PeerLine, ServerLine } from '../http/dashboard/messages.ts';
import { byNeed, healthOf } from './backends.ts';
import { showName, showState, showTimes, showTrouble } from './cells.ts';
import { need, setText } from './dom.ts';
import { bytes, count, rate, short } from './format.ts';
import type { Model } from './model.ts';
import { protocolName } from './protocols.ts';
import { SortedTable } from './sorted-table.ts';
import { peerKey, serverKey } from './times.ts';

/** Names of servers need not differ. */
function numbered<T>(items: readonly T[], nameOf: (item: T) => string): Map<T, string> {
  const seen = new Map<string, number>();
  return new Map(
    items.map((item) => {
      const name = nameOf(item);
      const times = seen.get(name) ?? 0;
      seen.set(name, times + 1);
      return [item, `${name} ${times}`];
    }),
  );
}

export class ServerTables {
  readonly #model: Model;
  readonly #servers: SortedTable<ServerLine>;
  readonly #peers: SortedTable<PeerLine>;
  readonly #health = need('#backends-health', HTMLElement);
  #serverKeys = new Map<ServerLine, string>();
  #peerKeys = new Map<PeerLine, string>();

  constructor(model: Model) {
    this.#model = model;
    const { times } = model;
    const auth = (server: ServerLine) => times.get('auth', serverKey(server));
    const backend = (server: ServerLine) => times.get('backend', serverKey(server));
    const login = (peer: PeerLine) => times.get('login', peerKey(peer));
    this.#servers = new SortedTable<ServerLine>(
      'servers',
      '#servers-table',
      [
        {
          title: 'Server',
          valueIn: ({ name }) => name,
          show: (cell, { name, protocol }) => showName(cell, name, protocolName(protocol)),
        },
        { title: 'Sessions', isNumber: true, valueIn: ({ sessions }) => sessions },
        { title: 'Logged in', isNumber: true, valueIn: ({ relays }) => relays },
        rateColumn('Logins/s', ({ ok }) => ok),
        troubleColumn('Refused/s', 'refused', ({ refused }) => refused),
        troubleColumn('Failed/s', 'error', ({ error }) => error),
        timesColumn('Auth', auth),
        timesColumn('Backend', backend),
        bytesColumn('In', ({ received }) => received),
        bytesColumn('Out', ({ sent }) => sent),
      ],
      (item) => this.#serverKeys.get(item) ?? '',
    );
    this.#peers = new SortedTable<PeerLine>(
      'backends',
      '#backends-table',
      [
        {
          title: 'Backend',
          valueIn: ({ server }) => server,
          show: (cell, { server, group, backup }) => showName(cell, server, backup ? `${group}, backup` : group),
        },
        { title: 'State', valueIn: ({ state }) => state, show: (cell, { state }) => showState(cell, state) },
        { title: 'Sessions', isNumber: true, valueIn: ({ sessions }) => sessions },
        { title: 'Connections', isNumber: true, valueIn: ({ connections }) => connections },
        troubleColumn('Fails', 'error', ({ fails }) => fails, count),
        {
          title: 'Checks failed',
          isNumber: true,
          valueIn: ({ checks }) => checks?.fails ?? -1,
          show: (cell, { checks }) => showTrouble(cell, checksText(checks), 'error', checks?.lastPassed === false),
        },
        timesColumn('Login', login),
      ],
      (item) => this.#peerKeys.get(item) ?? '',
    );
  }

  show(): void {
    const { now } = this.#model;
    if (now === undefined) return;
    this.#serverKeys = numbered(now.servers, serverKey);
    this.#peerKeys = numbered(now.peers, peerKey);
    this.#servers.show(now.servers, now.leftOut?.servers);
    this.#peers.show(byNeed(now.peers), now.leftOut?.peers);
    setText(this.#health, healthOf(now.peers, now.leftOut?.peers)?.text ?? '');
  }
}

function checksText(checks: PeerLine['checks']): string {
  if (checks === undefined) return '–';
  return `${short(checks.fails)} of ${short(checks.checks)}`;
}

type Of<Item, Value> = (item: Item) => Value;

const rateColumn = <Item>(title: string, valueIn: Of<Item, number>) => ({
  title,
  isNumber: true,
  valueIn,
  show: (cell: HTMLElement, item: Item) => setText(cell, rate(valueIn(item))),
});

const troubleColumn = <Item>(
  title: string,
  kind: 'refused' | 'error',
  valueIn: Of<Item, number>,
  format: (value: number) => string = rate,
) => ({
  title,
  isNumber: true,
  valueIn,
  show: (cell: HTMLElement, item: Item) => showTrouble(cell, format(valueIn(item)), kind, valueIn(item) > 0),
});

const bytesColumn = <Item>(title: string, valueIn: Of<Item, number>) => ({
  title,
  isNumber: true,
  valueIn,
  show: (cell: HTMLElement, item: Item) => setText(cell, `${bytes(valueIn(item))}/s`),
});

const timesColumn = <Item>(title: string, timedOf: Of<Item, ReturnType<Model['times']['get']>>) => ({
  title,
  isNumber: true,
  valueIn: (item: Item) => timedOf(item)?.times.p99 ?? -1,
  show: (cell: HTMLElement, item: Item) => showTimes(cell, timedOf(item)),
});
