// To end a session: asked for, confirmed, done by the api, and told, whatever comes of it.
import type { SessionLine } from '../http/dashboard/messages.ts';
import { make, need, setText } from './dom.ts';
import { failureOf, sessionUrl } from './end-session.ts';
import type { Model } from './model.ts';
import { cutText, plainText } from './plain-text.ts';
import type { SessionRow } from './session-row.ts';

const PATIENCE_MS = 10_000;

export class Ending {
  readonly #model: Model;
  readonly #dialog = need('#confirm', HTMLDialogElement);
  readonly #facts = need('#confirm-facts', HTMLElement);
  readonly #fault = need('#confirm-fault', HTMLElement);
  readonly #yes = need('#confirm-yes', HTMLButtonElement);
  readonly #told = need('#told', HTMLElement);
  #session: SessionLine | undefined;
  #row: SessionRow | undefined;

  constructor(model: Model) {
    this.#model = model;
    need('#confirm-no', HTMLButtonElement).addEventListener('click', () => this.#dialog.close());
    this.#yes.addEventListener('click', () => void this.#end());
    // Beside the dialog is away from it.
    this.#dialog.addEventListener('click', (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
    this.#dialog.addEventListener('close', () => this.#closed());
  }

  ask(session: SessionLine, row: SessionRow): void {
    this.#session = session;
    this.#row = row;
    const { user, isCut, client, protocol, state, backend, id } = session;
    this.#facts.replaceChildren();
    for (const [name, text] of [
      ['User', user === '' ? 'none yet' : cutText(user, isCut)],
      ['Client', plainText(client)],
      ['Session', `${plainText(protocol)}, ${plainText(state)}, ${plainText(id)}`],
      ['Backend', backend === '' ? 'none' : plainText(backend)],
    ] as const) {
      const value = make('dd');
      const isolated = make('bdi', '', text);
      isolated.dir = 'auto';
      value.append(isolated);
      this.#facts.append(make('dt', '', name), value);
    }
    setText(this.#fault, '');
    this.#busy(false);
    this.#dialog.showModal();
  }

  async #end(): Promise<void> {
    const session = this.#session;
    const row = this.#row;
    const { hello } = this.#model;
    if (session === undefined || hello?.api === undefined) return;
    this.#busy(true);
    setText(this.#fault, '');
    const fault = await endSession(hello.api, session.id);
    if (fault === undefined && row?.id === session.id) row.isEnding = true;
    const user = session.user === '' ? 'The session' : `The session of ${cutText(session.user, session.isCut)}`;
    // The dialog may have been left, and even opened for another one.
    const isOpen = this.#dialog.open && this.#session?.id === session.id;
    if (fault === undefined) setText(this.#told, `${user} is ended.`);
    else if (isOpen) setText(this.#fault, fault);
    else setText(this.#told, `${user} is not ended. ${fault}`);
    if (!isOpen) return;
    this.#busy(false);
    if (fault === undefined) this.#dialog.close();
  }

  #busy(isBusy: boolean): void {
    this.#yes.disabled = isBusy;
    setText(this.#yes, isBusy ? 'Ending' : 'End session');
  }

  /** The row may be gone, and with it the button that the dialog was opened by. */
  #closed(): void {
    if (document.activeElement === document.body || document.activeElement === null) {
      need('#sessions', HTMLElement).focus();
    }
  }
}

/** @returns what went wrong */
async function endSession(api: string, id: string): Promise<string | undefined> {
  const url = sessionUrl(api, id);
  if (url === undefined) return 'The server names an api that is none.';
  try {
    const { status } = await fetch(url, {
      method: 'DELETE',
      credentials: 'same-origin',
      redirect: 'error',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return failureOf(status);
  } catch {
    return 'The server gave no answer.';
  }
}
