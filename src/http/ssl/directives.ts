// The ssl_… directives of http servers: those that mail has as well, and what is for http alone.
import { args, type ByteString, type ConfCursor, type Directive, type Fault, whole } from '../../conf/directive.ts';
import { flagSlot, type Meta } from '../../conf/slots.ts';
import { sharedZonesModule } from '../../core/shared-zones.ts';
import { MIN_ZONE, parseSharedZone } from '../../net/tls/session-cache-directive.ts';
import { sslDirectives } from '../../net/tls/ssl-directives.ts';
import { aFlag, aNumber, someWords } from '../accepted-slots.ts';
import type { HttpSslRaw } from './conf.ts';

const both = { contexts: ['http', 'http.server'] } as const;

const NO_STAPLING = 'Postern does not ask for OCSP responses, and staples none';
const NO_OCSP = 'client certificates are not checked by OCSP';
const NO_ECH = 'the TLS library of Node.js has no Encrypted ClientHello';

const meta = (syntax: string, summary: string, noEffect: string, preset?: string): Meta => ({
  ...both,
  syntax,
  summary,
  noEffect,
  ...(preset === undefined ? {} : { default: preset }),
});

const WITH_VARIABLES = new Set(['ssl_certificate', 'ssl_certificate_key']);

/** In http nginx takes variables in these, and loads a certificate for each handshake. */
function withoutVariables(directive: Directive<HttpSslRaw>): Directive<HttpSslRaw> {
  if (!WITH_VARIABLES.has(directive.name)) return directive;
  return {
    ...directive,
    set: (cf, values, conf) =>
      values.some((value) => value.includes('$'))
        ? whole(`"${directive.name}" with variables is not implemented in Postern`)
        : directive.set(cf, values, conf),
  };
}

const OCSP_MODES: readonly ByteString[] = ['off', 'on', 'leaf'];

/** Without the check a revoked certificate would be let in. */
function ocsp([value = '']: readonly ByteString[]): Fault | undefined {
  const mode = value.toLowerCase();
  if (!OCSP_MODES.includes(mode)) return whole(`invalid value "${value}"`);
  return mode === 'off' ? undefined : whole('"ssl_ocsp" is not implemented in Postern');
}

function ocspCache([value = '']: readonly ByteString[], cf: ConfCursor): Fault | undefined {
  if (value === 'off') return undefined;
  const zone = parseSharedZone(value);
  if (zone === undefined) return whole(`invalid OCSP cache "${value}"`);
  if (zone.bytes < MIN_ZONE) return whole(`OCSP cache "${value}" is too small`);
  return cf.store.get(sharedZonesModule.raw).declare(zone.name, zone.bytes, 'http ssl ocsp');
}

const file = (name: string, summary: string, noEffect: string): Directive<HttpSslRaw> =>
  someWords(name, args(1), meta(`${name} file;`, summary, noEffect));

export const httpSslDirectives: readonly Directive<HttpSslRaw>[] = [
  ...sslDirectives(both.contexts, 'http ssl').map(withoutVariables),
  flagSlot('ssl_reject_handshake', 'rejectHandshake', {
    ...both,
    syntax: 'ssl_reject_handshake on | off;',
    default: 'off',
    summary: 'Clients that ask for this server get no handshake; it needs no certificate then.',
  }),
  aFlag(
    'ssl_early_data',
    meta(
      'ssl_early_data on | off;',
      'Whether requests may come within the handshake of TLS 1.3.',
      'Node.js takes no early data',
      'off',
    ),
  ),
  aNumber(
    'ssl_buffer_size',
    'size',
    meta('ssl_buffer_size size;', 'How much goes into one record.', 'Node.js decides about the size of records', '16k'),
  ),
  aFlag(
    'ssl_stapling',
    meta('ssl_stapling on | off;', 'Whether clients get an OCSP response of the server.', NO_STAPLING, 'off'),
  ),
  file('ssl_stapling_file', 'The OCSP response of the server.', NO_STAPLING),
  someWords(
    'ssl_stapling_responder',
    args(1),
    meta('ssl_stapling_responder url;', 'Who is asked for the OCSP response of the server.', NO_STAPLING),
  ),
  aFlag(
    'ssl_stapling_verify',
    meta('ssl_stapling_verify on | off;', 'Whether the OCSP response is checked.', NO_STAPLING, 'off'),
  ),
  someWords(
    'ssl_ocsp',
    args(1),
    {
      ...both,
      syntax: 'ssl_ocsp on | off | leaf;',
      default: 'off',
      summary: 'Not there: client certificates that are revoked have to be in ssl_crl.',
      values: OCSP_MODES,
    },
    ocsp,
  ),
  someWords(
    'ssl_ocsp_responder',
    args(1),
    meta('ssl_ocsp_responder url;', 'Who is asked about client certificates.', NO_OCSP),
  ),
  someWords(
    'ssl_ocsp_cache',
    args(1),
    meta('ssl_ocsp_cache off | shared:name:size;', 'Where OCSP responses are kept.', NO_OCSP, 'off'),
    ocspCache,
  ),
  file('ssl_key_log', 'Keys of the connections, to look into them.', 'no keys are written'),
  {
    ...file('ssl_ech_file', 'Keys of Encrypted ClientHello.', NO_ECH),
    set: () => undefined, // may be repeated
  },
  someWords(
    'ssl_certificate_cache',
    args(1, 3),
    meta(
      'ssl_certificate_cache off | max=number [inactive=time] [valid=time];',
      'A cache of certificates whose names have variables.',
      'certificates are loaded when the configuration is read',
      'off',
    ),
  ),
];
