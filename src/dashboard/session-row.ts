// A session as a row: made once, and filled with whatever session has it.
import type { SessionLine } from '../http/dashboard/messages.ts';
import { clone, need, setAttribute, setClass, setText, setTitled } from './dom.ts';
import { canBeAsked } from './filter.ts';
import { bytes, duration } from './format.ts';
import { cutText, plainText } from './plain-text.ts';
import { protocolName } from './protocols.ts';

export interface RowActions {
  /** Only sessions of this user. */
  pick(user: string): void;
  end(session: SessionLine, row: SessionRow): void;
}

const canBePicked = ({ user, isCut }: SessionLine): boolean => canBeAsked(user, isCut);

export class SessionRow {
  readonly element = clone('#session-row', HTMLTableRowElement);
  readonly #user = need('.user', HTMLButtonElement, this.element);
  readonly #name = need('bdi', HTMLElement, this.element);
  readonly #end = need('.end', HTMLButtonElement, this.element);
  readonly #cells: Readonly<Record<'client' | 'protocol' | 'tls' | 'server' | 'state' | 'backend', HTMLElement>>;
  readonly #since = need('.since', HTMLElement, this.element);
  readonly #received = need('.received', HTMLElement, this.element);
  readonly #sent = need('.sent', HTMLElement, this.element);
  #session: SessionLine | undefined;
  /** It has been told to end, and is still there. */
  isEnding = false;

  constructor(actions: RowActions) {
    const part = (name: string): HTMLElement => need(`.${name}`, HTMLElement, this.element);
    this.#cells = {
      client: part('client'),
      protocol: part('protocol'),
      tls: part('tls'),
      server: part('server'),
      state: part('state'),
      backend: part('backend'),
    };
    this.#user.addEventListener('click', () => {
      if (this.#session !== undefined && canBePicked(this.#session)) actions.pick(this.#session.user);
    });
    this.#end.addEventListener('click', () => {
      if (this.#session !== undefined && !this.isEnding) actions.end(this.#session, this);
    });
  }

  get id(): string | undefined {
    return this.#session?.id;
  }

  /** @param mayEnd whether there is an api for it */
  show(session: SessionLine, nowMs: number, mayEnd: boolean): void {
    if (this.#session?.id !== session.id) this.isEnding = false;
    this.#session = session;
    const { protocol, tls = '', server, client, state, backend } = session;
    const user = session.user === '' ? 'no user yet' : cutText(session.user, session.isCut);
    setTitled(this.#name, user);
    setClass(this.#user, session.user === '' ? 'user nobody' : 'user');
    setAttribute(this.#user, 'aria-disabled', String(!canBePicked(session)));
    const { client: from, protocol: kind, tls: version, server: to, state: phase, backend: behind } = this.#cells;
    setTitled(from, plainText(client));
    setText(kind, protocolName(plainText(protocol)));
    setClass(kind, `protocol series-${/^[a-z]\w{0,9}$/.test(protocol) ? protocol : 'other'}`);
    setText(version, tls === '' ? 'no TLS' : plainText(tls));
    setTitled(to, plainText(server));
    setText(phase, this.isEnding ? 'ending' : plainText(state));
    setClass(phase, `state state-${this.isEnding ? 'ending' : /^\w+$/.test(state) ? state : 'other'}`);
    setTitled(behind, backend === '' ? 'no backend' : plainText(backend));
    this.showAge(nowMs);
    setText(this.#received, bytes(session.received));
    setText(this.#sent, bytes(session.sent));
    this.#end.hidden = !mayEnd;
    setAttribute(this.#end, 'aria-disabled', String(this.isEnding));
    setAttribute(this.#end, 'aria-label', `End the session of ${user} from ${plainText(client)}`);
  }

  showAge(nowMs: number): void {
    if (this.#session !== undefined) setText(this.#since, duration(nowMs - this.#session.sinceMs));
  }

  focus(): void {
    (this.#end.hidden ? this.#user : this.#end).focus();
  }
}
