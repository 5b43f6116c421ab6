// proxy_ssl_…: TLS to the servers that a proxy connects to. HTTP and mail have the same directives.
import { args, type ByteString, type ContextName, type Directive, Fault } from '../../conf/directive.ts';
import { stringSlot } from '../../conf/slots.ts';
import type { ClientTls, ClientTlsSettings } from './client-context.ts';
import {
  type ClientSslDefaults,
  type ClientSslRaw,
  clientSslDirectives,
  clientTls,
  mergeClientSsl,
  NO_CLIENT_SSL,
} from './client-ssl.ts';
import type { TlsFiles } from './files.ts';

export interface ProxySslRaw extends ClientSslRaw {
  keyLog: ByteString | undefined;
  certificateCache: true | undefined;
}

export const NO_PROXY_SSL: ProxySslRaw = { ...NO_CLIENT_SSL, keyLog: undefined, certificateCache: undefined };

const PREFIX = 'proxy_ssl';
const DEFAULTS: ClientSslDefaults = { verify: false, serverName: false, trustsSystem: false };

export function proxySslDirectives(contexts: readonly ContextName[]): readonly Directive<ProxySslRaw>[] {
  return [
    ...clientSslDirectives(PREFIX, contexts, DEFAULTS),
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
    ...mergeClientSsl(prev, raw),
    keyLog: raw.keyLog ?? prev?.keyLog,
    certificateCache: raw.certificateCache ?? prev?.certificateCache,
  };
}

/** @param own what HTTP and mail do not have in common @throws ConfError */
export const proxyTls = (
  ssl: Readonly<ProxySslRaw>,
  own: Pick<ClientTlsSettings, 'pins' | 'renegotiates'>,
  files: TlsFiles,
): ClientTls => clientTls(ssl, DEFAULTS, { ...own, prefix: PREFIX }, files);
