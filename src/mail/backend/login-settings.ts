// How the login at a backend is made: what the configuration says of it, for a session and an address.
import type { ByteString } from '../../conf/directive.ts';
import type { SocketAddress } from '../../core/address.ts';
import type { DialTarget } from '../../net/dial-target.ts';
import { localAddress } from '../../upstream/bind.ts';
import type { BackendTls } from '../backend-tls/choose.ts';
import { proxyHeaderFor } from '../proxy/header.ts';
import type { MailServer } from '../server.ts';
import type { Session } from '../session/session.ts';
import type { UpstreamSettings } from '../session/upstream-login.ts';

/** @param text as the log shows the address */
export function loginSettings(
  session: Session,
  { authHttp, core, proxy, ssl, backend }: MailServer,
  target: DialTarget,
  text: ByteString,
  tls: BackendTls,
): UpstreamSettings {
  return {
    target: target.kind === 'unix' || isPlain(backend) ? target : prepared(session, backend, target),
    address: text,
    timeoutMs: core.timeoutMs,
    connectTimeoutMs: backend.connectTimeoutMs,
    bufferSize: proxy.bufferSize,
    header: proxyHeaderFor(proxy.version, session, session.record?.ownTls ?? ssl.tls),
    passErrorMessage: proxy.passErrorMessage,
    refusalIsClients: authHttp === undefined,
    tls,
  };
}

/** With what proxy_bind and proxy_socket_keepalive say. */
function prepared(
  session: Session,
  { bind, socketKeepalive }: MailServer['backend'],
  target: Extract<DialTarget, { kind: 'inet' }>,
): DialTarget {
  return { ...target, local: localAddress(bind, session), probes: socketKeepalive };
}

const isPlain = ({ bind, socketKeepalive }: MailServer['backend']): boolean => bind === undefined && !socketKeepalive;

export const dialTarget = (address: SocketAddress): DialTarget =>
  address.kind === 'inet'
    ? { kind: 'inet', address: address.ip, port: address.port }
    : { kind: 'unix', path: address.path };
