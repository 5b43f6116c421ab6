// The live tail for pages that want it: what has happened to sessions of all processes since it was asked last.
import type { Control } from '../../control/control.ts';
import type { TailEvent, TailPart } from '../../control/tail.ts';
import type { SessionEvent } from './messages.ts';
import type { Question } from './question.ts';
import { shownText } from './session-lines.ts';
import type { Viewer } from './viewer.ts';

/** Of a message. */
const MAX_EVENTS = 100;
/** Processes that may be remembered, those that are gone too. */
const MAX_SEEN = 1024;

export class TailPull {
  readonly #control: Control;
  /** By process: what it said that it has counted. */
  #seen: ReadonlyMap<number, number> = new Map();
  #isAsking = false;

  constructor(control: Control) {
    this.#control = control;
  }

  async show(viewers: readonly Viewer[]): Promise<void> {
    const watching = viewers.filter(({ question }) => question?.tail === true);
    if (watching.length === 0 || this.#isAsking) return;
    this.#isAsking = true;
    try {
      const filters = watching.flatMap(({ question }) => question?.filter ?? []);
      const order = { kind: 'tail' as const, watcher: String(process.pid), filters, seen: this.#seen };
      const { tails = [] } = await this.#control.ask(order);
      this.#remember(tails);
      for (const viewer of watching) tell(viewer, tails);
    } finally {
      this.#isAsking = false;
    }
  }

  /** A process that has not answered in time is asked from where it was. */
  #remember(tails: readonly TailPart[]): void {
    const before = this.#seen.size < MAX_SEEN ? this.#seen : [];
    this.#seen = new Map([...before, ...tails.map(({ pid, count }) => [pid, count] as const)]);
  }
}

function tell(viewer: Viewer, tails: readonly TailPart[]): void {
  const { question } = viewer;
  if (question?.tail !== true) return; // any more
  const events = tails.flatMap((part) => part.events.filter((event) => fits(event, question)));
  events.sort((a, b) => a.atMs - b.atMs);
  const missed = tails.reduce((sum, part) => sum + part.missed, 0);
  const leftOut = missed + Math.max(0, events.length - MAX_EVENTS);
  if (events.length === 0 && leftOut === 0) return;
  viewer.tell({ kind: 'events', events: events.slice(-MAX_EVENTS).map(shown), leftOut });
}

const fits = (event: TailEvent, { matcher }: Question): boolean => matcher.matches(event);

function shown({ what, atMs, id, protocol, client, user, why }: TailEvent): SessionEvent {
  const { text, isCut } = shownText(user);
  return {
    atMs,
    what,
    id,
    protocol,
    client: shownText(client).text,
    user: text,
    isCut,
    ...(why === '' ? {} : { why: shownText(why).text }),
  };
}
