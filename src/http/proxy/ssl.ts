// proxy_ssl_…: TLS to the peers of a proxy_pass with https.
import {
  args,
  type ByteString,
  type ConfCursor,
  type Directive,
  type Environment,
  Fault,
  whole,
} from '../../conf/directive.ts';
import { bitmaskSlot, flagSlot, keyvalSlot, numSlot, slot, stringSlot } from '../../conf/slots.ts';
import { buildClientTls, type ClientTls } from '../../net/tls/client-context.ts';
import { readPasswords } from '../../net/tls/passwords.ts';
import type { TlsProtocolName } from '../../net/tls/settings.ts';
import { compileValue } from '../../script/value.ts';
import { VARIABLES } from '../main-conf.ts';
import type { HttpValue } from '../script.ts';

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
  name: HttpValue | undefined;
  serverName: boolean | undefined;
  sessionReuse: boolean | undefined;
  keyLog: ByteString | undefined;
  certificateCache: true | undefined;
}

export const NO_SSL: ProxySslRaw = {
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
  name: undefined,
  serverName: undefined,
  sessionReuse: undefined,
  keyLog: undefined,
  certificateCache: undefined,
};

const everywhere = { contexts: ['http', 'http.server', 'http.location'] } as const;

/** A file whose name may not depend on the request. */
function fileSlot<K extends 'certificate' | 'certificateKey'>(name: string, key: K, summary: string) {
  return slot<K, ByteString>(name, key, args(1), { ...everywhere, syntax: `${name} file;`, summary }, ([file = '']) =>
    file.includes('$') ? whole(`Postern does not support variables in "${name}"`) : file,
  );
}

const passwordFile = slot<'passphrases', readonly Buffer[]>(
  'proxy_ssl_password_file',
  'passphrases',
  args(1),
  { ...everywhere, syntax: 'proxy_ssl_password_file file;', summary: 'Pass phrases of the key, one a line.' },
  ([file = ''], cf) => readPasswords(cf, file),
);

const nameSlot = slot<'name', HttpValue>(
  'proxy_ssl_name',
  'name',
  args(1),
  {
    ...everywhere,
    syntax: 'proxy_ssl_name name;',
    default: 'host of proxy_pass',
    summary: 'Whom the certificate of a server has to name.',
  },
  ([text = ''], cf: ConfCursor) => compileValue(text, cf.store.get(VARIABLES)),
);

const PROTOCOLS = {
  SSLv2: 'SSLv2',
  SSLv3: 'SSLv3',
  TLSv1: 'TLSv1',
  'TLSv1.1': 'TLSv1.1',
  'TLSv1.2': 'TLSv1.2',
  'TLSv1.3': 'TLSv1.3',
} as const;

export const sslDirectives: readonly Directive<ProxySslRaw>[] = [
  fileSlot('proxy_ssl_certificate', 'certificate', 'The certificate that servers are shown, PEM.'),
  fileSlot('proxy_ssl_certificate_key', 'certificateKey', 'Its key, PEM.'),
  passwordFile,
  stringSlot('proxy_ssl_ciphers', 'ciphers', {
    ...everywhere,
    syntax: 'proxy_ssl_ciphers ciphers;',
    default: 'DEFAULT',
    summary: "Ciphers for TLS up to 1.2, as OpenSSL's list.",
  }),
  bitmaskSlot('proxy_ssl_protocols', 'protocols', PROTOCOLS, {
    ...everywhere,
    syntax: 'proxy_ssl_protocols [SSLv2] [SSLv3] [TLSv1] [TLSv1.1] [TLSv1.2] [TLSv1.3];',
    default: 'TLSv1.2 TLSv1.3',
    summary: 'Versions of TLS.',
  }),
  keyvalSlot('proxy_ssl_conf_command', 'confCommands', {
    ...everywhere,
    syntax: 'proxy_ssl_conf_command name value;',
    summary: "Settings of the TLS library by OpenSSL's names, those that Node.js can pass on.",
  }),
  flagSlot('proxy_ssl_verify', 'verify', {
    ...everywhere,
    syntax: 'proxy_ssl_verify on | off;',
    default: 'off',
    summary: 'Whether the certificate of a server is checked.',
  }),
  numSlot('proxy_ssl_verify_depth', 'verifyDepth', {
    ...everywhere,
    syntax: 'proxy_ssl_verify_depth number;',
    default: '1',
    summary: 'The longest chain of certificates.',
  }),
  stringSlot('proxy_ssl_trusted_certificate', 'trusted', {
    ...everywhere,
    syntax: 'proxy_ssl_trusted_certificate file;',
    summary: 'CAs of the certificates of servers, PEM.',
  }),
  stringSlot('proxy_ssl_crl', 'crl', {
    ...everywhere,
    syntax: 'proxy_ssl_crl file;',
    summary: 'Revoked certificates, PEM.',
  }),
  nameSlot,
  flagSlot('proxy_ssl_server_name', 'serverName', {
    ...everywhere,
    syntax: 'proxy_ssl_server_name on | off;',
    default: 'off',
    summary: 'Whether the server is told that name in the handshake (SNI).',
  }),
  flagSlot('proxy_ssl_session_reuse', 'sessionReuse', {
    ...everywhere,
    syntax: 'proxy_ssl_session_reuse on | off;',
    default: 'on',
    summary: 'Whether handshakes resume the session of an earlier one.',
  }),
  stringSlot('proxy_ssl_key_log', 'keyLog', {
    ...everywhere,
    syntax: 'proxy_ssl_key_log file;',
    summary: 'Keys of the connections, to look into them.',
    noEffect: 'no keys are written',
  }),
  {
    name: 'proxy_ssl_certificate_cache',
    ...everywhere,
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

export function mergeSsl(prev: Readonly<ProxySslRaw> | undefined, raw: Readonly<ProxySslRaw>): ProxySslRaw {
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
    name: raw.name ?? prev?.name,
    serverName: raw.serverName ?? prev?.serverName,
    sessionReuse: raw.sessionReuse ?? prev?.sessionReuse,
    keyLog: raw.keyLog ?? prev?.keyLog,
    certificateCache: raw.certificateCache ?? prev?.certificateCache,
  };
}

/** @throws ConfError */
export function proxyTls(ssl: Readonly<ProxySslRaw>, env: Environment): ClientTls {
  return buildClientTls(
    {
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
    env,
  );
}
