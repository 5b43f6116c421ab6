// The upstream blocks of mail.
import type { ByteString } from '../../conf/directive.ts';
import { Key } from '../../conf/store.ts';
import type { SocketAddress } from '../../core/address.ts';
import type { Affinity } from '../../upstream/affinity/directive.ts';
import type { Balancer } from '../../upstream/balance/balancer.ts';
import { roundRobinBalancer } from '../../upstream/balance/least-conn.ts';
import type { UpstreamContext } from '../../upstream/context.ts';
import { type LookupRules, plainLine, UpstreamGroup } from '../../upstream/group.ts';
import type { ServerLine } from '../../upstream/group-server.ts';
import type { PeerZone } from '../../upstream/peer-zone.ts';
import type { UpstreamTable } from '../../upstream/reference.ts';
import { MAIL_VARIABLES } from '../main-conf.ts';
import type { Session } from '../session/session.ts';

/** What there is beside servers and the choice among them. */
export interface GroupOptions {
  readonly lookup?: LookupRules;
  readonly zone?: PeerZone | undefined;
  readonly zoneName?: ByteString | undefined;
  readonly affinity?: Affinity<Session> | undefined;
}

export class MailGroup extends UpstreamGroup<Session> {
  /** Keeps users on their servers. */
  readonly affinity: Affinity<Session> | undefined;
  readonly zoneName: ByteString | undefined;

  constructor(
    name: ByteString,
    lines: readonly ServerLine[],
    balancer: Balancer<Session>,
    { lookup, zone, zoneName, affinity }: GroupOptions = {},
  ) {
    super(name, lines, balancer, lookup, zone);
    this.affinity = affinity;
    this.zoneName = zoneName;
  }
}

/** For addresses that are in no block. */
export const plainGroup = (name: ByteString, addresses: readonly SocketAddress[]): MailGroup =>
  new MailGroup(name, [plainLine(name, addresses)], roundRobinBalancer);

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
