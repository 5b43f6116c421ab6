// A login that waits while its user is held.
import type { Holds } from '../../control/holds.ts';
import type { Session } from './session.ts';

export interface Login {
  /** It waits, since its user is held. */
  readonly isHeld?: boolean;
  start(): void;
  cancel(): void;
}

export class HeldLogin implements Login {
  readonly #session: Session;
  readonly #holds: Holds;
  readonly #login: Login;
  readonly #onFull: () => void;
  #leave: (() => void) | undefined;

  /** @param login begins when the user is let go @param onFull too many wait already */
  constructor(session: Session, holds: Holds, login: Login, onFull: () => void) {
    this.#session = session;
    this.#holds = holds;
    this.#login = login;
    this.#onFull = onFull;
  }

  get isHeld(): boolean {
    return this.#leave !== undefined;
  }

  start(): void {
    const session = this.#session;
    const user = session.login?.toString('latin1') ?? '';
    const verdict = this.#holds.wait(user, () => session.conn.guard(() => this.#goOn()));
    if (verdict === 'free') this.#login.start();
    else if (verdict === 'full') {
      session.error('too many logins of users who are held');
      session.note('limit');
      session.countLogin('error');
      this.#onFull();
    } else {
      session.action = 'waiting for its user to be let go';
      session.info('client login is held');
      this.#leave = verdict;
    }
  }

  cancel(): void {
    this.#leave?.();
    this.#login.cancel();
  }

  #goOn(): void {
    this.#leave = undefined;
    this.#login.start();
  }
}
