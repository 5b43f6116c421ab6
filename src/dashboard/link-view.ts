// Whether what is shown is of now: said in the bar, aloud when it changes, and at length while it is not.
import { clockTime, need, setAttribute, setText } from './dom.ts';
import type { Feed } from './feed.ts';
import { duration } from './format.ts';
import type { Model } from './model.ts';
import { plainText } from './plain-text.ts';

/** So many connections that failed in a row may have to do with who is asking. */
const SUSPICIOUS = 4;

type Shown = 'connecting' | 'live' | 'stale' | 'lost';

const NEWS: Readonly<Record<Shown, string>> = {
  connecting: '',
  live: 'Connected. The figures are live.',
  stale: 'The server is silent. The figures are old.',
  lost: 'The connection is lost. It is tried again by itself.',
};

export class LinkView {
  readonly #feed: Feed;
  readonly #model: Model;
  readonly #text = need('#link-text', HTMLElement);
  readonly #news = need('#link-news', HTMLElement);
  readonly #trouble = need('#trouble', HTMLElement);
  readonly #troubleText = need('#trouble-text', HTMLElement);
  readonly #action = need('#trouble-action', HTMLButtonElement);

  constructor(feed: Feed, model: Model) {
    this.#feed = feed;
    this.#model = model;
    this.#action.addEventListener('click', () => {
      if (this.#isOutdated) location.reload();
      else this.#feed.connect();
    });
  }

  get #isOutdated(): boolean {
    return this.#model.isOutdated && this.#feed.state.kind === 'open';
  }

  show(localMs: number): void {
    const shown = this.#shown(localMs);
    setAttribute(document.body, 'data-link', shown);
    setText(this.#text, this.#short(shown, localMs));
    // Connecting is over in a moment: what was said last still holds.
    if (shown !== 'connecting') setText(this.#news, NEWS[shown]);
    const trouble = this.#long(shown, localMs);
    this.#trouble.hidden = trouble === '';
    setText(this.#troubleText, trouble);
    setText(this.#action, this.#isOutdated ? 'Reload' : 'Try now');
    this.#action.hidden = shown === 'connecting';
  }

  #shown(localMs: number): Shown {
    switch (this.#feed.state.kind) {
      case 'connecting':
        return this.#feed.failures > 1 ? 'lost' : 'connecting';
      case 'waiting':
        return 'lost';
      default:
        return this.#model.isStale(localMs) ? 'stale' : 'live';
    }
  }

  #short(shown: Shown, localMs: number): string {
    if (shown === 'live') return 'Live';
    if (shown === 'connecting') return 'Connecting';
    return shown === 'lost' ? 'Disconnected' : `Silent for ${duration(this.#model.silentMs(localMs))}`;
  }

  #long(shown: Shown, localMs: number): string {
    const { state, failures } = this.#feed;
    if (shown === 'live') return this.#isOutdated ? 'The server has a new version, and its page may have changed.' : '';
    if (shown === 'connecting') return '';
    const last = this.#model.now?.atMs;
    const since = last === undefined ? 'Nothing has come yet.' : `What is shown is of ${clockTime(last)}.`;
    if (shown === 'stale') return `The server says nothing. ${since}`;
    const when =
      state.kind === 'waiting' && state.untilMs > localMs
        ? `Next attempt in ${Math.ceil((state.untilMs - localMs) / 1000)} s.`
        : 'Trying.';
    const told = state.kind === 'waiting' && state.reason !== '' ? ` The server said: ${plainText(state.reason)}.` : '';
    const hint = failures >= SUSPICIOUS ? ' Perhaps your password is asked for again: then reload the page.' : '';
    return `The connection is lost.${told} ${since} ${when}${hint}`;
  }
}
