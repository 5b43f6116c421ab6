// Whoever talks to a backend: a session, or a check of the backend.
import type { ByteString } from '../../conf/directive.ts';
import type { ConnectionBudget } from '../../core/connection-budget.ts';
import type { LogContext, LogWriter } from '../../core/log.ts';
import type { Dialer } from '../../net/transport.ts';
import type { ServerCounters } from '../../stats/server-counters.ts';
import type { SessionEnd } from './end.ts';
import type { SessionRecord } from './record.ts';

export interface Caller extends LogContext {
  readonly log: LogWriter;
  readonly transport: Dialer;
  /** To be asked before anything is dialled. */
  readonly connections: ConnectionBudget;
  /** What it is doing: the log's ` while …`. */
  action: string | undefined;
  /** For variables. */
  record: SessionRecord | undefined;
  /** undefined: nothing is counted. */
  readonly counters?: ServerCounters | undefined;
  /** Takes what went wrong on our side. */
  onFault: (error: unknown) => void;
  /** What will have ended it. */
  note(end: SessionEnd): void;
  info(text: ByteString): void;
  error(text: ByteString): void;
}
