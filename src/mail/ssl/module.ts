// The mail ssl module: starttls, certificates, and everything else about TLS with the clients.
import type { Directive } from '../../conf/directive.ts';
import { enumSlot } from '../../conf/slots.ts';
import { certificateCacheDirective } from '../../net/tls/certificate-cache-directive.ts';
import { noSsl } from '../../net/tls/ssl-conf.ts';
import { sslDirectives } from '../../net/tls/ssl-directives.ts';
import { defineMailModule } from '../define.ts';
import { type MailSslRaw, sslConf } from './conf.ts';

const both = { contexts: ['mail', 'mail.server'] } as const;

const starttlsSlot = enumSlot(
  'starttls',
  'starttls',
  { off: 'off', on: 'on', only: 'only' },
  {
    ...both,
    syntax: 'starttls on | off | only;',
    default: 'off',
    summary: 'Offers STARTTLS or STLS. With only, nobody logs in before TLS is there.',
  },
);

/** Remembers where it stood, for messages about missing certificates. */
const starttls: Directive<MailSslRaw> = {
  ...starttlsSlot,
  set: (cf, values, conf) => {
    conf.starttlsPosition = cf.position;
    return starttlsSlot.set(cf, values, conf);
  },
};

export const sslModule = defineMailModule({
  name: 'ssl',
  createMainConf: () => undefined,
  createSrvConf: (): MailSslRaw => ({
    ...noSsl(),
    starttls: undefined,
    starttlsPosition: undefined,
    certificateCache: undefined,
  }),
  srvDirectives: [
    starttls,
    ...sslDirectives(both.contexts, 'mail ssl'),
    certificateCacheDirective(both.contexts, 'ssl_certificate_cache', 'certificateCache'),
  ],
  mergeSrvConf: sslConf,
});
