// What the servers of one mail block share while it is read.
import type { ByteString } from '../conf/directive.ts';
import { Key } from '../conf/store.ts';
import type { MailProtocol } from './protocol.ts';

export interface MailMain {
  /** Those of the modules in the list, by name. */
  readonly protocols: ReadonlyMap<string, MailProtocol>;
  /** Where something listens already: no two servers share an address. */
  readonly taken: Set<ByteString>;
}

export const MAIL_MAIN = new Key<MailMain>('mail main');
