// How the login at a backend is made: what the configuration and an answer say of it, for a session and an address.
import type { ByteString } from '../../conf/directive.ts';
import type { DialTarget } from '../../net/dial-target.ts';
import { localAddress } from '../../upstream/bind.ts';
import type { AuthReply } from '../auth-http/reply.ts';
import { chooseTls, type TlsWish, type Unusable } from '../backend-tls/choose.ts';
import { proxyHeaderFor } from '../proxy/header.ts';
import type { MailServer } from '../server.ts';
import type { Session } from '../session/session.ts';
import type { UpstreamSettings } from '../session/upstream-login.ts';
import { sourceIn, versionIn } from './way.ts';

/** What an auth server says of the connection to a backend, or nobody. */
export type BackendWish = TlsWish & Pick<AuthReply, 'proxyVersion' | 'source'>;

/** Nobody is asked; why is for the log. */
interface NoLogin {
  readonly why: ByteString;
}

/** @param host of the backend: its name or address, without its port @param text as the log shows the address */
export function loginSettings(
  session: Session,
  server: MailServer,
  wish: BackendWish,
  target: DialTarget,
  host: ByteString,
  text: ByteString,
): UpstreamSettings | NoLogin {
  const { authHttp, core, proxy, ssl, backend, backendTls } = server;
  const tls = chooseTls(session, backendTls, core.protocol, wish, host, text);
  if (tls.mode === 'unusable') return noLogin(session, server, tls);
  const version = wish.proxyVersion === undefined ? proxy.version : versionIn(wish.proxyVersion);
  if (typeof version !== 'number') return noLogin(session, server, version);
  const source = wish.source && sourceIn(wish.source);
  if (source !== undefined && 'why' in source) return noLogin(session, server, source);
  return {
    target: target.kind === 'unix' ? target : prepared(session, backend, target, source),
    address: text,
    timeoutMs: core.timeoutMs,
    connectTimeoutMs: backend.connectTimeoutMs,
    bufferSize: proxy.bufferSize,
    header: proxyHeaderFor(version, session, session.record?.ownTls ?? ssl.tls),
    passErrorMessage: proxy.passErrorMessage,
    refusalIsClients: authHttp === undefined,
    tls,
  };
}

function noLogin(session: Session, { authHttp }: MailServer, { why, isOurs }: Unusable): NoLogin {
  session.note(isOurs ? 'no_certificate' : 'auth_invalid');
  return { why: isOurs ? why : `auth http server ${authHttp?.text ?? ''} ${why}` };
}

type InetTarget = Extract<DialTarget, { kind: 'inet' }>;

/** With what proxy_bind and proxy_socket_keepalive say. @param source in place of proxy_bind */
function prepared(
  session: Session,
  { bind, socketKeepalive }: MailServer['backend'],
  target: InetTarget,
  source: InetTarget['local'],
): DialTarget {
  if (source === undefined && bind === undefined && !socketKeepalive) return target;
  return { ...target, local: source ?? localAddress(bind, session), probes: socketKeepalive };
}
