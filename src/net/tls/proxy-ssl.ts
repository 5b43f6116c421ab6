// proxy_ssl_…: TLS to the servers that a proxy connects to. HTTP and mail have the same directives.
import { args, type ByteString, type ContextName, type Directive, Fault, whole } from '../../conf/directive.ts';
import { bitmaskSlot, flagSlot, keyvalSlot, numSlot, slot, stringSlot } from '../../conf/slots.ts';
import { buildClientTls, type ClientTls, type ClientTlsSettings } from './client-context.ts';
import type { TlsFiles } from './files.ts';
import { readPasswords } from './passwords.ts';
import type { TlsProtocolName } from './settings.ts';

/** Whom the certificate has to name is not among it: in HTTP that depends on the request. */
export interface ProxySslRaw {
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
  keyLog: ByteString | undefined;
  certificateCache: true | undefined;
}

export const NO_PROXY_SSL: ProxySslRaw = {
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
  keyLog: undefined,
  certificateCache: undefined,
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

const passwordFile = (contexts: readonly ContextName[]) =>
  slot<'passphrases', readonly Buffer[]>(
    'proxy_ssl_password_file',
    'passphrases',
    args(1),
    { contexts, syntax: 'proxy_ssl_password_file file;', summary: 'Pass phrases of the key, one a line.' },
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

export function proxySslDirectives(contexts: readonly ContextName[]): readonly Directive<ProxySslRaw>[] {
  return [
    fileSlot(contexts, 'proxy_ssl_certificate', 'certificate', 'The certificate that servers are shown, PEM.'),
    fileSlot(contexts, 'proxy_ssl_certificate_key', 'certificateKey', 'Its key, PEM.'),
    passwordFile(contexts),
    stringSlot('proxy_ssl_ciphers', 'ciphers', {
      contexts,
      syntax: 'proxy_ssl_ciphers ciphers;',
      default: 'DEFAULT',
      summary: "Ciphers for TLS up to 1.2, as OpenSSL's list.",
    }),
    bitmaskSlot('proxy_ssl_protocols', 'protocols', PROTOCOLS, {
      contexts,
      syntax: 'proxy_ssl_protocols [SSLv2] [SSLv3] [TLSv1] [TLSv1.1] [TLSv1.2] [TLSv1.3];',
      default: 'TLSv1.2 TLSv1.3',
      summary: 'Versions of TLS.',
    }),
    keyvalSlot('proxy_ssl_conf_command', 'confCommands', {
      contexts,
      syntax: 'proxy_ssl_conf_command name value;',
      summary: "Settings of the TLS library by OpenSSL's names, those that Node.js can pass on.",
    }),
    flagSlot('proxy_ssl_verify', 'verify', {
      contexts,
      syntax: 'proxy_ssl_verify on | off;',
      default: 'off',
      summary: 'Whether the certificate of a server is checked.',
    }),
    numSlot('proxy_ssl_verify_depth', 'verifyDepth', {
      contexts,
      syntax: 'proxy_ssl_verify_depth number;',
      default: '1',
      summary: 'The longest chain of certificates.',
    }),
    stringSlot('proxy_ssl_trusted_certificate', 'trusted', {
      contexts,
      syntax: 'proxy_ssl_trusted_certificate file;',
      summary: 'CAs of the certificates of servers, PEM.',
    }),
    stringSlot('proxy_ssl_crl', 'crl', {
      contexts,
      syntax: 'proxy_ssl_crl file;',
      summary: 'Revoked certificates, PEM.',
    }),
    flagSlot('proxy_ssl_server_name', 'serverName', {
      contexts,
      syntax: 'proxy_ssl_server_name on | off;',
      default: 'off',
      summary: 'Whether the server is told that name in the handshake (SNI).',
    }),
    flagSlot('proxy_ssl_session_reuse', 'sessionReuse', {
      contexts,
      syntax: 'proxy_ssl_session_reuse on | off;',
      default: 'on',
      summary: 'Whether handshakes resume the session of an earlier one.',
    }),
    stringSlot('proxy_ssl_key_log', 'keyLog', {
      contexts,
      syntax: 'proxy_ssl_key_log file;',
      summary: 'Keys of the connections, to look into them.',
      noEffect: 'no keys are written',
    }),
    {
      name: 'proxy_ssl_certificate_cache',
      contexts,
      arity: args(1, 3),
      doc: {
        syntax: 'proxy_ssl_certificate_cache off | max=number ...;',
        default: 'off',
        summary: 'A cache of certificates whose names have variables.',
        noEffect: 'certificates are loaded when the configuration is read',
      },
      set: (_cf, _values, conf) => {
        if (conf.certificateCache !== undefined) return new Fault('is duplicate');
        conf.certificateCache = true;
        return undefined;
      },
    },
  ];
}

export function mergeProxySsl(prev: Readonly<ProxySslRaw> | undefined, raw: Readonly<ProxySslRaw>): ProxySslRaw {
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
    keyLog: raw.keyLog ?? prev?.keyLog,
    certificateCache: raw.certificateCache ?? prev?.certificateCache,
  };
}

/** @param own what the two do not have in common @throws ConfError */
export function proxyTls(
  ssl: Readonly<ProxySslRaw>,
  own: Pick<ClientTlsSettings, 'pins' | 'renegotiates'>,
  files: TlsFiles,
): ClientTls {
  return buildClientTls(
    {
      ...own,
      prefix: 'proxy_ssl',
      certificate: ssl.certificate,
      key: ssl.certificateKey,
      passphrases: ssl.passphrases,
      protocols: ssl.protocols ?? new Set(['TLSv1.2', 'TLSv1.3']),
      ciphers: ssl.ciphers ?? 'DEFAULT',
      verify: ssl.verify ?? false,
      verifyDepth: ssl.verifyDepth ?? 1,
      trusted: ssl.trusted,
      crl: ssl.crl,
      confCommands: (ssl.confCommands ?? []).map(([name, value]) => ({ name, value })),
      reusesSessions: ssl.sessionReuse ?? true,
    },
    files,
  );
}
