// The first record of a session: who has connected, and where to.
import type { ByteString } from '../conf/directive.ts';
import { Level, type LogContext } from '../core/log.ts';
import { endpointText } from '../net/endpoint.ts';
import type { Session } from './session/session.ts';

export function logConnected(session: Session): void {
  if (session.log.level < Level.info) return;
  const text = `client ${endpointText(session.client)} connected to ${session.listenText}`;
  session.log.write(Level.info, text, new Arriving(session));
}

/** The first record of a session has no suffix. */
class Arriving implements LogContext {
  readonly connection: number;
  readonly #session: Session;

  constructor(session: Session) {
    this.connection = session.connection;
    this.#session = session;
  }

  logSuffix(): ByteString {
    return '';
  }

  logFields(): Readonly<Record<string, ByteString>> {
    return { client: this.#session.clientText, server: this.#session.listenText };
  }

  logTags(): readonly ByteString[] {
    return this.#session.logTags();
  }
}
