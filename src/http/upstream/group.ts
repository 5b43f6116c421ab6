// An upstream of http: its peers, and which connections to them are kept.
import type { ByteString } from '../../conf/directive.ts';
import type { SocketAddress } from '../../core/address.ts';
import type { Balancer } from '../../upstream/balance/balancer.ts';
import { roundRobinBalancer } from '../../upstream/balance/least-conn.ts';
import { type LookupRules, plainLine, UpstreamGroup } from '../../upstream/group.ts';
import type { ServerLine } from '../../upstream/group-server.ts';
import type { PeerZone } from '../../upstream/peer-zone.ts';
import type { HttpRequest } from '../request/request.ts';

/** Connections that are kept open between requests. */
export interface KeepaliveRules {
  /** How many may be idle at a time, of all peers together; 0: none is kept. */
  readonly connections: number;
  /** Each location has its own. */
  readonly local: boolean;
  /** How long one may be idle. */
  readonly timeoutMs: number;
  /** How many requests one may serve. */
  readonly requests: number;
  /** How long one may be used from its beginning. */
  readonly timeMs: number;
}

export const DEFAULT_KEEPALIVE: KeepaliveRules = {
  connections: 32,
  local: true,
  timeoutMs: 60_000,
  requests: 1000,
  timeMs: 3_600_000,
};

export class HttpGroup extends UpstreamGroup<HttpRequest> {
  readonly keepalive: KeepaliveRules;

  constructor(
    name: ByteString,
    lines: readonly ServerLine[],
    balancer: Balancer<HttpRequest>,
    keepalive: KeepaliveRules,
    lookup?: LookupRules,
    zone?: PeerZone,
  ) {
    super(name, lines, balancer, lookup, zone);
    this.keepalive = keepalive;
  }
}

/** For a URL that names no upstream: its addresses in turn. */
export const plainGroup = (name: ByteString, addresses: readonly SocketAddress[]): HttpGroup =>
  new HttpGroup(name, [plainLine(name, addresses)], roundRobinBalancer, DEFAULT_KEEPALIVE);
