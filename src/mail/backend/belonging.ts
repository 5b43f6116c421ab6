// The place of one session's user among the servers of an upstream with affinity.
import type { ByteString } from '../../conf/directive.ts';
import type { Affinity } from '../../upstream/affinity/directive.ts';
import { userKey } from '../../upstream/affinity/zone.ts';
import type { Session } from '../session/session.ts';
import type { MailGroup } from '../upstream/context.ts';

export class Belonging {
  readonly #affinity: Affinity<Session>;
  readonly #user: ByteString;
  #server: ByteString = '';
  #isOver = true;

  private constructor(affinity: Affinity<Session>, user: ByteString) {
    this.#affinity = affinity;
    this.#user = user;
  }

  /** @returns undefined: users go where the upstream sends them, or this one has no name */
  static of({ affinity }: MailGroup, session: Session): Belonging | undefined {
    const key = affinity?.key.of(session) ?? '';
    return affinity === undefined || key === '' ? undefined : new Belonging(affinity, userKey(key));
  }

  /** @param done called with the server that the user belongs to, which is the proposed one where there was none */
  claim(proposed: ByteString, done: (server: ByteString) => void): void {
    const { zone, rules } = this.#affinity;
    this.#isOver = false;
    zone.claim(this.#user, proposed, rules, (server = proposed) => {
      this.#server = server;
      done(server);
    });
  }

  /** Another server has taken the user. */
  move(server: ByteString): void {
    if (server === this.#server || this.#isOver) return;
    const { zone, rules } = this.#affinity;
    this.#server = server;
    zone.tell(this.#user, server, rules, 'move');
  }

  /** The session has ended. */
  end(): void {
    this.#finish('end');
  }

  /** There will be no session. */
  drop(): void {
    this.#finish('drop');
  }

  #finish(step: 'end' | 'drop'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { zone, rules } = this.#affinity;
    zone.tell(this.#user, this.#server, rules, step);
  }
}
