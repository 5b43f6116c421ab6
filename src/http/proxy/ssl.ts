// proxy_ssl_…: TLS to the peers of a proxy_pass with https.
import { args, type ConfCursor, type Directive, type Environment } from '../../conf/directive.ts';
import { slot } from '../../conf/slots.ts';
import type { ClientTls } from '../../net/tls/client-context.ts';
import {
  type ProxySslRaw as CommonRaw,
  mergeProxySsl,
  NO_PROXY_SSL,
  proxySslDirectives,
  proxyTls as tlsOf,
} from '../../net/tls/proxy-ssl.ts';
import { compileValue } from '../../script/value.ts';
import { VARIABLES } from '../main-conf.ts';
import type { HttpValue } from '../script/script.ts';

export interface ProxySslRaw extends CommonRaw {
  name: HttpValue | undefined;
}

export const NO_SSL: ProxySslRaw = { ...NO_PROXY_SSL, name: undefined };

const everywhere = { contexts: ['http', 'http.server', 'http.location'] } as const;

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

export const sslDirectives: readonly Directive<ProxySslRaw>[] = [...proxySslDirectives(everywhere.contexts), nameSlot];

export function mergeSsl(prev: Readonly<ProxySslRaw> | undefined, raw: Readonly<ProxySslRaw>): ProxySslRaw {
  return { ...mergeProxySsl(prev, raw), name: raw.name ?? prev?.name };
}

/** @throws ConfError */
export const proxyTls = (ssl: Readonly<ProxySslRaw>, env: Environment): ClientTls =>
  tlsOf(ssl, { pins: [], renegotiates: true }, env);
