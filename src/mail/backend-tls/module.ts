// The module of TLS to the backends: proxy_ssl and its family, named as in nginx's stream module.
import { args, type ConfCursor, whole } from '../../conf/directive.ts';
import { enumSlot, flagSlot, slot } from '../../conf/slots.ts';
import { pinDirective } from '../../net/tls/pin-directive.ts';
import { proxySslDirectives } from '../../net/tls/proxy-ssl.ts';
import { compileValue, type Value } from '../../script/value.ts';
import { defineMailModule } from '../define.ts';
import { MAIL_VARIABLES } from '../main-conf.ts';
import type { Session } from '../session/session.ts';
import { ownCertificateDirectives } from './certificate.ts';
import { backendTlsConf, noBackendTls } from './conf.ts';

const both = { contexts: ['mail', 'mail.server'] } as const;

/** In place of those that know no variables. */
const ownCertificate = ownCertificateDirectives(both.contexts);

const nameSlot = slot<'name', Value<Session>>(
  'proxy_ssl_name',
  'name',
  args(1),
  {
    ...both,
    syntax: 'proxy_ssl_name name;',
    default: 'what the backend was found by',
    summary: 'Whom the certificate of a backend has to name. Auth-Upstream-SSL-Name goes before it.',
  },
  ([text = ''], cf: ConfCursor) => compileValue(text, cf.store.get(MAIL_VARIABLES)),
);

/** The length of a name stands in one byte. */
const MAX_NAME = 255;

const alpnSlot = slot<'alpn', string[]>(
  'proxy_ssl_alpn',
  'alpn',
  args(1, Number.POSITIVE_INFINITY),
  {
    ...both,
    syntax: 'proxy_ssl_alpn protocol ...;',
    default: 'imap or pop3 with proxy_ssl on, none otherwise',
    summary: 'Protocols that backends are offered by ALPN.',
  },
  (names) => {
    const bad = names.find((name) => name === '' || name.length > MAX_NAME);
    return bad === undefined ? [...names] : whole(`invalid ALPN protocol "${bad}"`);
  },
);

export const backendTlsModule = defineMailModule({
  name: 'backend tls',
  createMainConf: () => undefined,
  createSrvConf: noBackendTls,
  srvDirectives: [
    enumSlot(
      'proxy_ssl',
      'mode',
      { off: 'off', on: 'on', starttls: 'starttls' },
      {
        ...both,
        syntax: 'proxy_ssl off | on | starttls;',
        default: 'off',
        summary: 'TLS to the backends: from the first byte, or by STARTTLS or STLS, without which the login fails.',
      },
    ),
    ...proxySslDirectives(both.contexts).filter(({ name }) => ownCertificate.every((own) => own.name !== name)),
    ...ownCertificate,
    nameSlot,
    alpnSlot,
    pinDirective('proxy_ssl_pin', both.contexts, 'a backend'),
    flagSlot('auth_http_trust_ssl', 'trustsReplies', {
      ...both,
      syntax: 'auth_http_trust_ssl on | off;',
      default: 'off',
      summary: 'Whether the auth service may turn TLS to a backend off with Auth-Upstream-SSL.',
    }),
  ],
  mergeSrvConf: backendTlsConf,
});
