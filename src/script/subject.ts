// What the values of variables are taken of: a request of http, a session of mail.
import type { ByteString } from '../conf/directive.ts';
import type { Log, LogContext } from '../core/log.ts';

export interface Subject extends LogContext {
  readonly log: Log;
  /** Of variables that have been asked for or set. */
  readonly values: Map<object, ByteString | undefined>;
  /** Of the last regular expression that matched: the whole, then the groups; those that took no part are undefined. */
  captures: readonly (ByteString | undefined)[];
}
