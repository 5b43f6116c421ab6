// The directives of TLS to servers, under a prefix: proxy_ssl_… of HTTP and mail, auth_http_ssl_….
import { args, type ByteString, type ContextName, type Directive, type Doc, whole } from '../../conf/directive.ts';
import { bitmaskSlot, flagSlot, keyvalSlot, numSlot, slot, stringSlot } from '../../conf/slots.ts';
import { buildClientTls, type ClientTls, type ClientTlsSettings } from './client-context.ts';
import type { TlsFiles } from './files.ts';
import { readPasswords } from './passwords.ts';
import type { TlsProtocolName } from './settings.ts';

/** Whom the certificate has to name is not among it: that may depend on what the connection is for. */
export interface ClientSslRaw {
  certificate: ByteString | undefined;
  certificateKey: ByteString | undefined;
  passphrases: readonly Buffer[] | undefined;
  ciphers: ByteString | undefined;
  protocols: Set<TlsProtocolName> | undefined;
  confCommands: [ByteString, ByteString][] | undefined;
  verify: boolean | undefined;
  verifyDepth: number | undefined;
  trusted: ByteString | undefined;
  crl: ByteString | undefined;
  serverName: boolean | undefined;
  sessionReuse: boolean | undefined;
}

export const NO_CLIENT_SSL: ClientSslRaw = {
  certificate: undefined,
  certificateKey: undefined,
  passphrases: undefined,
  ciphers: undefined,
  protocols: undefined,
  confCommands: undefined,
  verify: undefined,
  verifyDepth: undefined,
  trusted: undefined,
  crl: undefined,
  serverName: undefined,
  sessionReuse: undefined,
};

/** A file whose name may not depend on the request. */
function fileSlot<K extends 'certificate' | 'certificateKey'>(
  contexts: readonly ContextName[],
  name: string,
  key: K,
  summary: string,
) {
  return slot<K, ByteString>(name, key, args(1), { contexts, syntax: `${name} file;`, summary }, ([file = '']) =>
    file.includes('$') ? whole(`Postern does not support variables in "${name}"`) : file,
  );
}

const passwordFile = (name: string, contexts: readonly ContextName[]) =>
  slot<'passphrases', readonly Buffer[]>(
    name,
    'passphrases',
    args(1),
    { contexts, syntax: `${name} file;`, summary: 'Pass phrases of the key, one a line.' },
    ([file = ''], cf) => readPasswords(cf, file),
  );

const PROTOCOLS = {
  SSLv2: 'SSLv2',
  SSLv3: 'SSLv3',
  TLSv1: 'TLSv1',
  'TLSv1.1': 'TLSv1.1',
  'TLSv1.2': 'TLSv1.2',
  'TLSv1.3': 'TLSv1.3',
} as const;

/** Where the families differ. */
export interface ClientSslDefaults {
  readonly verify: boolean;
  readonly serverName: boolean;
  /** Certificates are verified with the CAs of the system where none are named. */
  readonly trustsSystem: boolean;
}

const flag = (on: boolean): string => (on ? 'on' : 'off');

export function clientSslDirectives(
  prefix: string,
  contexts: readonly ContextName[],
  { verify, serverName, trustsSystem }: ClientSslDefaults,
): readonly Directive<ClientSslRaw>[] {
  const name = (rest: string): string => `${prefix}_${rest}`;
  const meta = (syntax: string, summary: string, value?: string): { contexts: readonly ContextName[] } & Doc => ({
    contexts,
    syntax: `${name(syntax)};`,
    ...(value === undefined ? {} : { default: value }),
    summary,
  });
  return [
    fileSlot(contexts, name('certificate'), 'certificate', 'The certificate that servers are shown, PEM.'),
    fileSlot(contexts, name('certificate_key'), 'certificateKey', 'Its key, PEM.'),
    passwordFile(name('password_file'), contexts),
    stringSlot(
      name('ciphers'),
      'ciphers',
      meta('ciphers ciphers', "Ciphers for TLS up to 1.2, as OpenSSL's list.", 'DEFAULT'),
    ),
    bitmaskSlot(
      name('protocols'),
      'protocols',
      PROTOCOLS,
      meta('protocols [SSLv2] [SSLv3] [TLSv1] [TLSv1.1] [TLSv1.2] [TLSv1.3]', 'Versions of TLS.', 'TLSv1.2 TLSv1.3'),
    ),
    keyvalSlot(
      name('conf_command'),
      'confCommands',
      meta(
        'conf_command name value',
        "Settings of the TLS library by OpenSSL's names, those that Node.js can pass on.",
      ),
    ),
    flagSlot(
      name('verify'),
      'verify',
      meta('verify on | off', 'Whether the certificate of a server is checked.', flag(verify)),
    ),
    numSlot(
      name('verify_depth'),
      'verifyDepth',
      meta('verify_depth number', 'The longest chain of certificates.', '1'),
    ),
    stringSlot(
      name('trusted_certificate'),
      'trusted',
      meta(
        'trusted_certificate file',
        'CAs of the certificates of servers, PEM.',
        trustsSystem ? 'those of the system' : undefined,
      ),
    ),
    stringSlot(name('crl'), 'crl', meta('crl file', 'Revoked certificates, PEM.')),
    flagSlot(
      name('server_name'),
      'serverName',
      meta('server_name on | off', 'Whether the server is told that name in the handshake (SNI).', flag(serverName)),
    ),
    flagSlot(
      name('session_reuse'),
      'sessionReuse',
      meta('session_reuse on | off', 'Whether handshakes resume the session of an earlier one.', 'on'),
    ),
  ];
}

export function mergeClientSsl(prev: Readonly<ClientSslRaw> | undefined, raw: Readonly<ClientSslRaw>): ClientSslRaw {
  return {
    certificate: raw.certificate ?? prev?.certificate,
    certificateKey: raw.certificateKey ?? prev?.certificateKey,
    passphrases: raw.passphrases ?? prev?.passphrases,
    ciphers: raw.ciphers ?? prev?.ciphers,
    protocols: raw.protocols ?? prev?.protocols,
    confCommands: raw.confCommands ?? prev?.confCommands,
    verify: raw.verify ?? prev?.verify,
    verifyDepth: raw.verifyDepth ?? prev?.verifyDepth,
    trusted: raw.trusted ?? prev?.trusted,
    crl: raw.crl ?? prev?.crl,
    serverName: raw.serverName ?? prev?.serverName,
    sessionReuse: raw.sessionReuse ?? prev?.sessionReuse,
  };
}

/** @param own what the families do not have in common @throws ConfError */
export function clientTls(
  ssl: Readonly<ClientSslRaw>,
  { verify, trustsSystem }: Pick<ClientSslDefaults, 'verify' | 'trustsSystem'>,
  own: Pick<ClientTlsSettings, 'prefix' | 'pins' | 'renegotiates'>,
  files: TlsFiles,
): ClientTls {
  return buildClientTls(
    {
      ...own,
      trustsSystem,
      certificate: ssl.certificate,
      key: ssl.certificateKey,
      passphrases: ssl.passphrases,
      protocols: ssl.protocols ?? new Set(['TLSv1.2', 'TLSv1.3']),
      ciphers: ssl.ciphers ?? 'DEFAULT',
      verify: ssl.verify ?? verify,
      verifyDepth: ssl.verifyDepth ?? 1,
      trusted: ssl.trusted,
      crl: ssl.crl,
      confCommands: (ssl.confCommands ?? []).map(([name, value]) => ({ name, value })),
      reusesSessions: ssl.sessionReuse ?? true,
    },
    files,
  );
}
