// auth_http_ssl_…: TLS to the auth servers of https URLs, with the names and meanings of nginx's proxy_ssl_….
import { args, type ByteString, type Directive, whole } from '../../conf/directive.ts';
import { slot } from '../../conf/slots.ts';
import type { ClientTls } from '../../net/tls/client-context.ts';
import {
  type ClientSslDefaults,
  type ClientSslRaw,
  clientSslDirectives,
  clientTls,
  mergeClientSsl,
  NO_CLIENT_SSL,
} from '../../net/tls/client-ssl.ts';
import type { TlsFiles } from '../../net/tls/files.ts';
import { type HasPins, pinDirective } from '../../net/tls/pin-directive.ts';

export interface AuthSslRaw extends ClientSslRaw, HasPins {
  sslName: ByteString | undefined;
  /** What servers share that say nothing of it themselves; made for the first one that needs it. */
  readonly made: { tls: ClientTls | undefined };
}

export const noAuthSsl = (): AuthSslRaw => ({
  ...NO_CLIENT_SSL,
  pins: undefined,
  sslName: undefined,
  made: { tls: undefined },
});

/** Passwords go to it: a server that shows no good certificate gets none. */
const DEFAULTS: ClientSslDefaults = { verify: true, serverName: true, trustsSystem: true };
const PREFIX = 'auth_http_ssl';
const both = ['mail', 'mail.server'] as const;

const nameSlot = slot<'sslName', ByteString>(
  'auth_http_ssl_name',
  'sslName',
  args(1),
  {
    contexts: both,
    syntax: 'auth_http_ssl_name name;',
    default: 'host of auth_http',
    summary: 'Whom the certificate of the auth service has to name.',
  },
  ([text = '']) => (text.includes('$') ? whole('Postern does not support variables in "auth_http_ssl_name"') : text),
);

export const authSslDirectives: readonly Directive<AuthSslRaw>[] = [
  ...clientSslDirectives(PREFIX, both, DEFAULTS),
  nameSlot,
  pinDirective('auth_http_ssl_pin', both, 'the auth service'),
];

/** Of an auth server, less where it is. */
export interface AuthTls {
  readonly tls: ClientTls;
  readonly name: ByteString;
  readonly sendsName: boolean;
  readonly alpn: readonly string[];
}

/** @param host of the URL @throws ConfError where a certificate, a key or the like cannot be used */
export function authTls(
  prev: Readonly<AuthSslRaw>,
  conf: Readonly<AuthSslRaw>,
  host: ByteString,
  files: TlsFiles,
): AuthTls {
  const ssl = mergeClientSsl(prev, conf);
  const pins = conf.pins ?? prev.pins ?? [];
  const build = (): ClientTls => clientTls(ssl, DEFAULTS, { prefix: PREFIX, pins, renegotiates: false }, files);
  let tls: ClientTls;
  if (conf.pins === undefined && Object.values(mergeClientSsl(undefined, conf)).every((value) => value === undefined)) {
    prev.made.tls ??= build();
    ({ tls } = prev.made);
  } else tls = build();
  return { tls, name: conf.sslName ?? prev.sslName ?? host, sendsName: ssl.serverName ?? true, alpn: [] };
}
