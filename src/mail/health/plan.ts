// What the checks of one health_check directive are, as the configuration has it.
import type { ByteString } from '../../conf/directive.ts';
import type { ErrorLogSpec } from '../../core/error-log.ts';
import type { LocalEnd } from '../../net/dial-target.ts';
import type { ClientTls } from '../../net/tls/client-context.ts';
import type { TlsPeer } from '../../net/tls/client-outcome.ts';
import type { CheckRules } from '../../upstream/health/check-state.ts';
import type { PeerZone } from '../../upstream/peer-zone.ts';
import type { BackendTls } from '../backend-tls/choose.ts';
import { alpnFor, type BackendTlsConf, type BackendTlsMode } from '../backend-tls/conf.ts';
import type { MailProtocol } from '../protocol.ts';
import type { MailGroup } from '../upstream/context.ts';
import type { Match } from './match.ts';
import type { HealthParameters } from './parameters.ts';

/** How one check is made. `connect`: a connection, TLS perhaps, and that is all. */
export type CheckWay =
  | { readonly kind: 'connect' }
  | { readonly kind: 'dialogue'; readonly protocol: MailProtocol }
  | { readonly kind: 'match'; readonly match: Match };

/** What the surroundings of the directive say. */
export interface CheckScope {
  readonly serverName: ByteString;
  readonly timeoutMs: number;
  readonly bufferSize: number;
  /** The PROXY protocol header. */
  readonly header: Buffer | undefined;
  readonly local: LocalEnd | undefined;
  readonly socketKeepalive: boolean;
  readonly backendTls: BackendTlsConf;
  readonly resolverTimeoutMs: number;
  /** undefined: that of the main context. */
  readonly errorLog: readonly ErrorLogSpec[] | undefined;
}

export interface CheckPlan {
  readonly rules: CheckRules;
  readonly parameters: HealthParameters;
  readonly scope: CheckScope;
  readonly group: MailGroup;
  readonly zone: PeerZone;
  readonly way: CheckWay;
  /** For the log: the match, or the type. */
  readonly name: ByteString;
  /** Of servers that name none. */
  readonly port: number;
  /** @param target the peer's address, as text */
  readonly tls: (target: ByteString) => BackendTls;
}

/**
 * Each handshake is a full one: a session that is resumed says nothing of the certificate.
 * @param protocol for ALPN
 */
export function checkTls(
  mode: BackendTlsMode,
  { backendTls }: CheckScope,
  group: MailGroup,
  protocol: MailProtocol | undefined,
): CheckPlan['tls'] {
  if (mode === 'off') return () => ({ mode: 'off' });
  const tls: ClientTls = { ...backendTls.plainTls(), sessions: undefined };
  const fixed: Omit<TlsPeer, 'target'> = {
    tls,
    name: backendTls.name?.constant ?? group.name,
    sendsName: backendTls.sendsName,
    alpn: protocol === undefined ? (backendTls.alpn ?? []) : alpnFor(backendTls, mode, protocol),
  };
  return (target) => ({ mode, peer: { ...fixed, target } });
}
