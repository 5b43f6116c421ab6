// Whether one login gets TLS to its backend: by the configuration, and by what the auth server says of the backend.
import type { ByteString } from '../../conf/directive.ts';
import type { TlsPeer } from '../../net/tls/client-outcome.ts';
import type { AuthReply } from '../auth-http/reply.ts';
import type { MailCoreConf } from '../core-module.ts';
import type { MailProtocol } from '../protocol.ts';
import type { Dialogue } from '../session/dialogue.ts';
import type { Session } from '../session/session.ts';
import { securedLogin } from '../session/upgrade.ts';
import { alpnFor, type BackendTlsConf, type BackendTlsMode } from './conf.ts';

export type BackendTls = { readonly mode: 'off' } | { readonly mode: 'on' | 'starttls'; readonly peer: TlsPeer };

/** The answer cannot be used, and `why` follows `auth http server ADDR `; or there is no certificate of ours. */
export type Unusable = { readonly mode: 'unusable'; readonly why: ByteString; readonly isOurs?: true };

/** What an auth server says of it, or nobody. */
export type TlsWish = Pick<AuthReply, 'ssl' | 'sslName'>;

const IN_CLEAR: BackendTls = { mode: 'off' };
/** A host name or an address. */
const NAME = /^[A-Za-z0-9._:-]{1,255}$/;

/** @param address of the backend, without its port, or its name @param target the address with its port */
export function chooseTls(
  session: Session,
  conf: BackendTlsConf,
  protocol: MailProtocol,
  { ssl, sslName }: TlsWish,
  address: ByteString,
  target: ByteString,
): BackendTls | Unusable {
  const mode = ssl === undefined ? conf.mode : modeOf(ssl);
  if (mode === undefined) return unusable(`sent invalid upstream SSL:"${ssl?.toString('latin1')}"`);
  if (mode === 'off' && conf.mode !== 'off' && !conf.trustsReplies) {
    return unusable('sent "Auth-Upstream-SSL: off" without "auth_http_trust_ssl on"');
  }
  const said = sslName?.toString('latin1');
  if (said !== undefined && !NAME.test(said)) return unusable(`sent invalid upstream SSL name:"${said}"`);
  if (mode === 'off') return IN_CLEAR;
  const tls = conf.tls(session);
  if (typeof tls === 'string') return { mode: 'unusable', why: tls, isOurs: true };
  const { sendsName } = conf;
  return {
    mode,
    peer: {
      tls,
      name: said ?? conf.name?.of(session) ?? address,
      sendsName,
      alpn: alpnFor(conf, mode, protocol),
      target,
    },
  };
}

const unusable = (why: ByteString): Unusable => ({ mode: 'unusable', why });

function modeOf(value: Buffer): BackendTlsMode | undefined {
  const text = value.toString('latin1').toLowerCase();
  return text === 'on' || text === 'off' || text === 'starttls' ? text : undefined;
}

/** The dialogue, with what has to be said before it. */
export const overTls = (
  tls: BackendTls,
  { protocol }: Pick<MailCoreConf, 'protocol'>,
  { serverName }: Pick<Session, 'serverName'>,
  dialogue: Dialogue,
): Dialogue => (tls.mode === 'starttls' ? securedLogin(protocol.upgrade(serverName), dialogue) : dialogue);
