// The mail ssl module's structs, and the TLS of a server that is made of them when the configuration is read.
import type { Position } from '../../conf/directive.ts';
import { buildServerTls, type ServerTls } from '../../net/tls/context.ts';
import { tlsModule } from '../../net/tls/module.ts';
import type { VerifyMode } from '../../net/tls/settings.ts';
import { inheritSsl, type SslRaw, tlsSettings } from '../../net/tls/ssl-conf.ts';
import { coreModule } from '../core-module.ts';
import type { MergeContext } from '../define.ts';
import type { StarttlsMode } from '../session/session.ts';

export interface MailSslRaw extends SslRaw {
  starttls: StarttlsMode | undefined;
  starttlsPosition: Position | undefined;
}

export interface SslConf {
  readonly starttls: StarttlsMode;
  readonly verifyClient: VerifyMode;
  /** undefined: neither `listen … ssl` nor starttls. */
  readonly tls: ServerTls | undefined;
}

/** @throws ConfError where a certificate, a key or the like cannot be used */
export function sslConf(prev: Readonly<MailSslRaw>, conf: Readonly<MailSslRaw>, cx: MergeContext): SslConf {
  const starttls = conf.starttls ?? prev.starttls ?? 'off';
  const ssl = inheritSsl(prev, conf);
  const verifyClient = ssl.verifyClient ?? 'off';
  const listen = cx.store.get(coreModule.srv).listens.find((entry) => entry.options.ssl);
  if (listen === undefined && starttls === 'off') return { starttls, verifyClient, tls: undefined };
  const starttlsPosition = conf.starttlsPosition ?? prev.starttlsPosition ?? cx.server;
  const need =
    listen === undefined
      ? ({ directive: 'starttls', position: starttlsPosition } as const)
      : ({ directive: 'listen ... ssl', position: listen.position } as const);
  const settings = tlsSettings(ssl, need, cx.position);
  return { starttls, verifyClient, tls: buildServerTls(settings, cx.env, cx.store.get(tlsModule.raw)) };
}
