// The mail ssl module's structs, and the TLS of a server that is made of them when the configuration is read.
import type { ByteString, Position } from '../../conf/directive.ts';
import { type CertificateCache, NO_CACHE } from '../../net/tls/certificate-store.ts';
import { buildServerTls, checkPairs, type ServerTls } from '../../net/tls/context.ts';
import { fullName } from '../../net/tls/files.ts';
import { tlsModule } from '../../net/tls/module.ts';
import { namedCertificates } from '../../net/tls/named-certificates.ts';
import type { TlsSettings, VerifyMode } from '../../net/tls/settings.ts';
import { inheritSsl, type SslRaw, tlsSettings } from '../../net/tls/ssl-conf.ts';
import { compileKnown } from '../../script/known-value.ts';
import type { Value } from '../../script/value.ts';
import { coreModule } from '../core-module.ts';
import type { MergeContext } from '../define.ts';
import { MAIL_VARIABLES } from '../main-conf.ts';
import type { Session, StarttlsMode } from '../session/session.ts';
import { CertificateChoice } from './certificate-choice.ts';

export interface MailSslRaw extends SslRaw {
  starttls: StarttlsMode | undefined;
  starttlsPosition: Position | undefined;
  certificateCache: CertificateCache | 'off' | undefined;
}

export interface SslConf {
  readonly starttls: StarttlsMode;
  readonly verifyClient: VerifyMode;
  /** undefined: neither `listen … ssl` nor starttls. */
  readonly tls: ServerTls | undefined;
  /** In its place, where the names of certificates have variables. */
  readonly choice: CertificateChoice | undefined;
}

/** @throws ConfError where a certificate, a key or the like cannot be used */
export function sslConf(prev: Readonly<MailSslRaw>, conf: Readonly<MailSslRaw>, cx: MergeContext): SslConf {
  const starttls = conf.starttls ?? prev.starttls ?? 'off';
  const ssl = inheritSsl(prev, conf);
  const verifyClient = ssl.verifyClient ?? 'off';
  const listen = cx.store.get(coreModule.srv).listens.find((entry) => entry.options.ssl);
  if (listen === undefined && starttls === 'off') return { starttls, verifyClient, tls: undefined, choice: undefined };
  const starttlsPosition = conf.starttlsPosition ?? prev.starttlsPosition ?? cx.server;
  const need =
    listen === undefined
      ? ({ directive: 'starttls', position: starttlsPosition } as const)
      : ({ directive: 'listen ... ssl', position: listen.position } as const);
  const settings = tlsSettings(ssl, need, cx.position);
  const zones = cx.store.get(tlsModule.raw);
  const cache = conf.certificateCache ?? prev.certificateCache ?? 'off';
  const choice = choiceOf(settings, cache === 'off' ? NO_CACHE : cache, cx);
  const tls = choice === undefined ? buildServerTls(settings, cx.env, zones) : undefined;
  return { starttls, verifyClient, tls, choice };
}

/** @returns undefined: no name has a variable that is known */
function choiceOf(settings: TlsSettings, cache: CertificateCache, cx: MergeContext): CertificateChoice | undefined {
  const variables = cx.store.get(MAIL_VARIABLES);
  const compile = (name: ByteString): Value<Session> => compileKnown(name, variables, () => {});
  const certificates = settings.certificates.map(compile);
  const keys = settings.keys.slice(0, certificates.length).map(compile);
  if ([...certificates, ...keys].every(({ constant }) => constant !== undefined)) return undefined;
  checkPairs(settings);
  const named = namedCertificates(settings, cx.env, cx.store.get(tlsModule.raw), cache);
  return new CertificateChoice(named, (name) => fullName(cx.env, name), certificates, keys);
}
