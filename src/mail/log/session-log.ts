// The access logs of a server: a line for each session when it ends, and one for each login where that is wanted.
import type { AccessLog } from '../../script/log/access-log.ts';
import type { SessionEnd } from '../session/end.ts';
import type { Session } from '../session/session.ts';

export class SessionLog {
  readonly #logs: readonly AccessLog<Session>[];
  readonly #logins: boolean;

  /** @param logins access_log_event auth */
  constructor(logs: readonly AccessLog<Session>[], logins: boolean) {
    this.#logs = logs;
    this.#logins = logins;
  }

  /** A login has come to this, and the session goes on. */
  attempted(session: Session, end: SessionEnd): void {
    if (!this.#logins) return;
    const { record } = session;
    const before = record?.end;
    if (record !== undefined) record.end = end;
    this.#writeLogin(session);
    if (record !== undefined) record.end = before;
  }

  /** @param inLogin it ended while its login was under way */
  ended(session: Session, inLogin: boolean): void {
    if (inLogin && this.#logins) this.#writeLogin(session);
    this.#write(session);
  }

  #writeLogin(session: Session): void {
    session.record?.beginLoginLines();
    try {
      this.#write(session);
    } finally {
      session.record?.endLoginLines();
    }
  }

  #write(session: Session): void {
    const { action } = session;
    for (const log of this.#logs) log.record(session);
    session.action = action;
  }
}
