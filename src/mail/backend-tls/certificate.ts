// The certificate that backends are shown: with variables in its name it is another one for each login.
import { args, type ByteString, ConfError, type ContextName, type Directive } from '../../conf/directive.ts';
import { slot } from '../../conf/slots.ts';
import { certificateCacheDirective } from '../../net/tls/certificate-cache-directive.ts';
import { type CertificateCache, CertificateStore, NO_CACHE } from '../../net/tls/certificate-store.ts';
import type { ClientTls } from '../../net/tls/client-context.ts';
import { fullName, type TlsFiles } from '../../net/tls/files.ts';
import { compileValue, Value } from '../../script/value.ts';
import { MAIL_VARIABLES } from '../main-conf.ts';
import type { Session } from '../session/session.ts';
import { CertificateName } from '../ssl/certificate-name.ts';

interface Named {
  /** As it is written. */
  readonly text: ByteString;
  readonly value: Value<Session>;
}

export interface OwnCertificateRaw {
  ownCertificate: Named | undefined;
  ownKey: Named | undefined;
  ownCache: CertificateCache | 'off' | undefined;
}

const nameSlot = <K extends 'ownCertificate' | 'ownKey'>(
  contexts: readonly ContextName[],
  name: string,
  key: K,
  summary: string,
) =>
  slot<K, Named>(name, key, args(1), { contexts, syntax: `${name} file;`, summary }, ([text = ''], cf) => {
    const value = compileValue(text, cf.store.get(MAIL_VARIABLES));
    return value instanceof Value ? { text, value } : value;
  });

export const ownCertificateDirectives = (contexts: readonly ContextName[]): readonly Directive<OwnCertificateRaw>[] => [
  nameSlot(
    contexts,
    'proxy_ssl_certificate',
    'ownCertificate',
    'The certificate that backends are shown, PEM. May have variables: without a value none is shown.',
  ),
  nameSlot(contexts, 'proxy_ssl_certificate_key', 'ownKey', 'Its key, PEM. May have variables.'),
  certificateCacheDirective(contexts, 'proxy_ssl_certificate_cache', 'ownCache'),
];

export interface OwnCertificate {
  readonly certificate: Named | undefined;
  readonly key: Named | undefined;
  readonly cache: CertificateCache;
}

export function mergeOwnCertificate(
  prev: Readonly<OwnCertificateRaw>,
  conf: Readonly<OwnCertificateRaw>,
): OwnCertificate {
  const cache = conf.ownCache ?? prev.ownCache ?? 'off';
  return {
    certificate: conf.ownCertificate ?? prev.ownCertificate,
    key: conf.ownKey ?? prev.ownKey,
    cache: cache === 'off' ? NO_CACHE : cache,
  };
}

export const hasVariables = ({ certificate, key }: OwnCertificate): boolean =>
  certificate !== undefined && [certificate, key].some((named) => named !== undefined && !isFixed(named));

const isFixed = ({ value }: Named): boolean => value.constant !== undefined;

/**
 * @param build makes the TLS that has this certificate, or none; it throws ConfError
 * @returns finds that of a login; a text is for the log: the login fails
 * @throws ConfError where something besides the certificate is wrong
 */
export function certificateOfLogin(
  { certificate, key, cache }: OwnCertificate,
  files: TlsFiles,
  build: (certificate: ByteString, key: ByteString, files: TlsFiles) => ClientTls,
): (session: Session) => ClientTls | ByteString {
  if (certificate === undefined || key === undefined) {
    const why = `no "proxy_ssl_certificate_key" is defined for certificate "${certificate?.text ?? ''}"`;
    throw new ConfError(why);
  }
  const store = new CertificateStore(files, cache, ([name = ''], [keyName = ''], at) => build(name, keyName, at));
  const confPath = (name: ByteString): ByteString => fullName(files, name);
  const name = new CertificateName(certificate.value, confPath);
  const keyName = new CertificateName(key.value, confPath);
  return (session) => {
    try {
      const file = name.of(session);
      return file === '' ? store.bare : store.find([file], [keyName.of(session)], performance.now());
    } catch (error) {
      if (error instanceof ConfError) return error.message;
      throw error;
    }
  };
}
