// The structs of TLS to the backends, and what a server's connections get of them.
import { at, type ByteString } from '../../conf/directive.ts';
import type { ClientTls } from '../../net/tls/client-context.ts';
import { mergeProxySsl, NO_PROXY_SSL, type ProxySslRaw, proxyTls } from '../../net/tls/proxy-ssl.ts';
import type { Value } from '../../script/value.ts';
import { coreModule } from '../core-module.ts';
import type { MergeContext } from '../define.ts';
import type { MailProtocol } from '../protocol.ts';
import type { Session } from '../session/session.ts';
import { certificateOfLogin, hasVariables, mergeOwnCertificate, type OwnCertificateRaw } from './certificate.ts';

/** `starttls`: TLS begins behind a dialogue in clear, or the login fails. */
export type BackendTlsMode = 'off' | 'on' | 'starttls';

export interface BackendTlsRaw extends ProxySslRaw, OwnCertificateRaw {
  mode: BackendTlsMode | undefined;
  name: Value<Session> | undefined;
  alpn: string[] | undefined;
  pins: Buffer[] | undefined;
  trustsReplies: boolean | undefined;
}

export const noBackendTls = (): BackendTlsRaw => ({
  ...NO_PROXY_SSL,
  ownCertificate: undefined,
  ownKey: undefined,
  ownCache: undefined,
  mode: undefined,
  name: undefined,
  alpn: undefined,
  pins: undefined,
  trustsReplies: undefined,
});

export interface BackendTlsConf {
  readonly mode: BackendTlsMode;
  /**
   * Made when the configuration is read, where it says anything of it; otherwise for the first login that needs it. With
   * variables it depends on the login; a text says in the log why there is none.
   */
  readonly tls: (session: Session) => ClientTls | ByteString;
  /** Where there is no login that it could depend on: without a certificate of ours then. */
  readonly plainTls: () => ClientTls;
  /** Not any certificate of a backend will do. */
  readonly isChecked: boolean;
  /** undefined: the address. */
  readonly name: Value<Session> | undefined;
  readonly sendsName: boolean;
  /** undefined: the protocol's own. */
  readonly alpn: readonly string[] | undefined;
  /** The auth server may say that a backend gets no TLS. */
  readonly trustsReplies: boolean;
}

/** Registered names (IANA); there is none for SMTP. After STARTTLS both sides know already what is spoken. */
const ALPN: Readonly<Record<MailProtocol['name'], readonly string[]>> = { imap: ['imap'], pop3: ['pop3'], smtp: [] };
const NONE: readonly string[] = [];

export const alpnFor = (conf: BackendTlsConf, mode: BackendTlsMode, protocol: MailProtocol): readonly string[] =>
  conf.alpn ?? (mode === 'on' ? ALPN[protocol.name] : NONE);

/** The ports of protocols over TLS (RFC 8314). */
const TLS_PORTS: Readonly<Record<MailProtocol['name'], number>> = { imap: 993, pop3: 995, smtp: 465 };

/** Of backends that name none. */
export const portOf = ({ name, ports: [plain = 0] }: MailProtocol, mode: BackendTlsMode): number =>
  mode === 'on' ? TLS_PORTS[name] : plain;

/** @throws ConfError where a certificate, a key or the like cannot be used */
export function backendTlsConf(
  prev: Readonly<BackendTlsRaw>,
  conf: Readonly<BackendTlsRaw>,
  cx: MergeContext,
): BackendTlsConf {
  const merged = tlsOf(prev, conf, cx.env);
  if (merged.mode !== 'off' && !merged.isChecked) warn(cx);
  return merged;
}

/** @throws ConfError as above */
export function tlsOf(
  prev: Readonly<BackendTlsRaw>,
  conf: Readonly<BackendTlsRaw>,
  env: MergeContext['env'],
): BackendTlsConf {
  const own = mergeOwnCertificate(prev, conf);
  const isFixed = !hasVariables(own);
  const ssl = {
    ...mergeProxySsl(prev, conf),
    certificate: isFixed ? own.certificate?.value.constant : undefined,
    certificateKey: isFixed ? own.key?.value.constant : undefined,
  };
  const mode = conf.mode ?? prev.mode ?? 'off';
  const pins = conf.pins ?? prev.pins ?? [];
  const build = (): ClientTls => proxyTls(ssl, { pins, renegotiates: false }, env);
  const isSaid = mode !== 'off' || pins.length > 0 || Object.values(ssl).some((value) => value !== undefined);
  let tls = isSaid && isFixed ? build() : undefined;
  const ofLogin = isFixed
    ? undefined
    : certificateOfLogin(own, env, (certificate, certificateKey, files) =>
        proxyTls({ ...ssl, certificate, certificateKey }, { pins, renegotiates: false }, files),
      );
  const plainTls = (): ClientTls => {
    tls ??= build();
    return tls;
  };
  return {
    mode,
    tls: ofLogin ?? plainTls,
    plainTls,
    isChecked: ssl.verify === true || pins.length > 0,
    name: conf.name ?? prev.name,
    sendsName: ssl.serverName ?? false,
    alpn: conf.alpn ?? prev.alpn,
    trustsReplies: conf.trustsReplies ?? prev.trustsReplies ?? false,
  };
}

function warn(cx: MergeContext): void {
  const { name } = cx.store.get(coreModule.srv).protocol;
  const text = `passwords go to any ${name} server that answers`;
  const why = `"proxy_ssl" without "proxy_ssl_verify" and "proxy_ssl_pin"`;
  cx.env.report('warn', `${why}: ${text}, for server${at(cx.server)}`);
}
