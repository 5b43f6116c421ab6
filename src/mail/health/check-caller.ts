// Whoever checks a backend, for its log: what it is doing, of which peer, and how loud that is.
import type { ByteString } from '../../conf/directive.ts';
import type { ConnectionBudget } from '../../core/connection-budget.ts';
import { Level, type Log, type LogWriter } from '../../core/log.ts';
import type { Dialer } from '../../net/transport.ts';
import type { Caller } from '../session/caller.ts';

export interface CheckSubject {
  /** Of the check. */
  readonly name: ByteString;
  /** The peer's address. */
  readonly peer: ByteString;
  readonly upstream: ByteString;
}

export class CheckCaller implements Caller {
  readonly transport: Dialer;
  readonly connections: ConnectionBudget;
  readonly log: LogWriter;
  readonly connection = 0;
  readonly record = undefined;
  action: string | undefined = 'connecting to upstream';
  readonly onFault: (error: unknown) => void;
  readonly #subject: CheckSubject;

  /** @param isKnown the peer is unhealthy as it is: why is no news */
  constructor(
    {
      transport,
      connections,
      log,
    }: { readonly transport: Dialer; readonly connections: ConnectionBudget; readonly log: Log },
    subject: CheckSubject,
    isKnown: boolean,
    onFault: () => void,
  ) {
    this.transport = transport;
    this.connections = connections;
    this.#subject = subject;
    this.log = {
      write: (level, text, context) => {
        const isNews = !isKnown || level > Level.error || level === Level.alert;
        log.write(isNews ? level : Level.info, text, context);
      },
    };
    this.onFault = (error) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      log.write(Level.alert, `check ended by a fault: ${text}`, this);
      onFault();
    };
  }

  /** There is no access log of checks. */
  note(): void {}

  /** What is ordinary for a session, which somebody may have given up, is not for a check. */
  info(text: ByteString): void {
    this.error(text);
  }

  error(text: ByteString): void {
    this.log.write(Level.error, text, this);
  }

  logSuffix(): ByteString {
    const { name, peer, upstream } = this.#subject;
    return ` while ${this.action}, health check "${name}" of peer ${peer} in upstream "${upstream}"`;
  }
}
