// What the servers of one mail block share while it is read.
import type { ByteString } from '../conf/directive.ts';
import { Key } from '../conf/store.ts';
import type { ScriptBlock } from '../script/script-block.ts';
import type { Variables } from '../script/variables.ts';
import type { MailProtocol } from './protocol.ts';
import type { Session } from './session/session.ts';

export interface MailMain {
  /** Those of the modules in the list, by name. */
  readonly protocols: ReadonlyMap<string, MailProtocol>;
  /** Where something listens already: no two servers share an address. */
  readonly taken: Set<ByteString>;
}

export const MAIL_MAIN = new Key<MailMain>('mail main');

export const MAIL_VARIABLES = new Key<Variables<Session>>('mail variables');

export const MAIL_SCRIPT: ScriptBlock<Session> = { context: 'mail', variables: MAIL_VARIABLES };

/** Variables of headers of the auth server's answer begin so. */
export const AUTH_HTTP = 'auth_http_';
/** And those of backends. */
export const UPSTREAM = 'upstream_';
