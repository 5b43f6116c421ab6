// A login that waits while its user is held.
import type { Holds } from '../../control/holds.ts';
import { type ConnHandler, IGNORE } from '../../net/connection.ts';
import type { Session } from './session.ts';

export interface Login {
  /** It waits, since its user is held. */
  readonly isHeld?: boolean;
  start(): void;
  cancel(): void;
}

/** What becomes of a login that waits. */
export interface HeldEvents {
  /** Too many wait already. */
  full(): void;
  /** The client is gone. */
  lost(error: Error | undefined): void;
}

export class HeldLogin implements Login {
  readonly #session: Session;
  readonly #holds: Holds;
  readonly #login: Login;
  readonly #events: HeldEvents;
  #leave: (() => void) | undefined;

  /** @param login begins when the user is let go */
  constructor(session: Session, holds: Holds, login: Login, events: HeldEvents) {
    this.#session = session;
    this.#holds = holds;
    this.#login = login;
    this.#events = events;
  }

  get isHeld(): boolean {
    return this.#leave !== undefined;
  }

  start(): void {
    const session = this.#session;
    const { conn, login } = session;
    const before = conn.handler;
    const verdict = this.#holds.wait(login?.toString('latin1') ?? '', () => conn.guard(() => this.#goOn(before)));
    if (verdict === 'free') this.#login.start();
    else if (verdict === 'full') {
      session.error('too many logins of users who are held');
      session.note('limit');
      session.countLogin('error');
      this.#events.full();
    } else {
      session.action = 'waiting for its user to be let go';
      session.info('client login is held');
      this.#leave = verdict;
      this.#watch();
    }
  }

  /** That may be for an hour: clients that leave meanwhile must not wait on. */
  #watch(): void {
    const { conn } = this.#session;
    const { lost } = this.#events;
    if (conn.ended) {
      lost(undefined);
      return;
    }
    conn.handler = {
      ...IGNORE,
      onData: (chunk) => {
        // It is for what comes after the login. Nothing more is read, nor is an end that comes behind it.
        conn.pause();
        conn.unread(chunk);
      },
      onEof: () => lost(undefined),
      onClose: lost,
    };
    conn.resume();
  }

  cancel(): void {
    this.#leave?.();
    this.#login.cancel();
  }

  #goOn(handler: ConnHandler): void {
    const { conn } = this.#session;
    this.#leave = undefined;
    conn.pause();
    conn.handler = handler;
    this.#login.start();
  }
}
