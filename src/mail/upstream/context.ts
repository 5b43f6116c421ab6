// The upstream blocks of mail.
import { Key } from '../../conf/store.ts';
import type { UpstreamContext } from '../../upstream/context.ts';
import type { UpstreamGroup } from '../../upstream/group.ts';
import type { UpstreamTable } from '../../upstream/reference.ts';
import { MAIL_VARIABLES } from '../main-conf.ts';
import type { Session } from '../session/session.ts';

export type MailGroup = UpstreamGroup<Session>;

/** A `server` line that names no port has that of the protocol, which is known with the session. */
export const PROTOCOL_PORT = 0;

export const MAIL_UPSTREAM: UpstreamContext<Session> = {
  context: 'mail.upstream',
  variables: MAIL_VARIABLES,
  clientOf: (session) => session.client?.address,
  port: { number: PROTOCOL_PORT, summary: "with the protocol's port where none is named" },
  zoneUse: 'mail upstream',
};

export const UPSTREAMS = new Key<UpstreamTable<MailGroup>>('mail upstreams');
