// The ssl_… directives that mail and http servers have in common.
import { args, type ContextName, type Directive, Fault } from '../../conf/directive.ts';
import {
  bitmaskSlot,
  enumSlot,
  flagSlot,
  keyvalSlot,
  listSlot,
  numSlot,
  secSlot,
  stringSlot,
} from '../../conf/slots.ts';
import { readPasswords } from './passwords.ts';
import { sessionCacheDirective } from './session-cache-directive.ts';
import type { SslRaw } from './ssl-conf.ts';

const passwordFile = (contexts: readonly ContextName[]): Directive<SslRaw> => ({
  name: 'ssl_password_file',
  contexts,
  arity: args(1),
  doc: {
    syntax: 'ssl_password_file file;',
    summary: 'Pass phrases for encrypted keys, one a line; each is tried in turn.',
  },
  set: (cf, [file = ''], conf) => {
    if (conf.passphrases !== undefined) return new Fault('is duplicate');
    const passphrases = readPasswords(cf, file);
    if (passphrases instanceof Fault) return passphrases;
    conf.passphrases = passphrases;
    return undefined;
  },
});

/** @param use of the zones of ssl_session_cache */
export function sslDirectives(contexts: readonly ContextName[], use: string): readonly Directive<SslRaw>[] {
  return [
    listSlot('ssl_certificate', 'certificates', {
      contexts,
      syntax: 'ssl_certificate file;',
      summary: 'The certificate with its intermediates, PEM. Repeat it for another key type.',
    }),
    listSlot('ssl_certificate_key', 'keys', {
      contexts,
      syntax: 'ssl_certificate_key file;',
      summary: 'The key of the certificate, PEM. Repeated in the order of the certificates.',
    }),
    passwordFile(contexts),
    flagSlot('ssl_certificate_compression', 'compression', {
      contexts,
      syntax: 'ssl_certificate_compression on | off;',
      default: 'off',
      summary: 'Compression of certificates in TLS 1.3.',
      noEffect: 'the TLS library of Node.js has no certificate compression',
    }),
    bitmaskSlot(
      'ssl_protocols',
      'protocols',
      {
        SSLv2: 'SSLv2',
        SSLv3: 'SSLv3',
        TLSv1: 'TLSv1',
        'TLSv1.1': 'TLSv1.1',
        'TLSv1.2': 'TLSv1.2',
        'TLSv1.3': 'TLSv1.3',
      },
      {
        contexts,
        syntax: 'ssl_protocols [SSLv2] [SSLv3] [TLSv1] [TLSv1.1] [TLSv1.2] [TLSv1.3];',
        default: 'TLSv1.2 TLSv1.3',
        summary: 'Versions of TLS that clients may use.',
      },
    ),
    stringSlot('ssl_ciphers', 'ciphers', {
      contexts,
      syntax: 'ssl_ciphers ciphers;',
      default: 'HIGH:!aNULL:!MD5',
      summary: "Ciphers for TLS up to 1.2, as OpenSSL's list.",
    }),
    flagSlot('ssl_prefer_server_ciphers', 'preferServerCiphers', {
      contexts,
      syntax: 'ssl_prefer_server_ciphers on | off;',
      default: 'off',
      summary: 'Our order of ciphers counts instead of that of the client.',
    }),
    stringSlot('ssl_dhparam', 'dhparam', {
      contexts,
      syntax: 'ssl_dhparam file;',
      summary: 'Parameters for DHE ciphers, which are not offered without them.',
    }),
    stringSlot('ssl_ecdh_curve', 'ecdhCurve', {
      contexts,
      syntax: 'ssl_ecdh_curve curve;',
      default: 'auto',
      summary: 'Groups for the key exchange, separated by colons.',
    }),
    enumSlot(
      'ssl_verify_client',
      'verifyClient',
      {
        off: 'off',
        on: 'on',
        optional: 'optional',
        optional_no_ca: 'optional_no_ca',
      },
      {
        contexts,
        syntax: 'ssl_verify_client on | off | optional | optional_no_ca;',
        default: 'off',
        summary: 'Whether clients have to show a certificate, and whether its chain counts.',
      },
    ),
    numSlot('ssl_verify_depth', 'verifyDepth', {
      contexts,
      syntax: 'ssl_verify_depth number;',
      default: '1',
      summary: 'The longest chain of client certificates.',
    }),
    stringSlot('ssl_client_certificate', 'clientCertificate', {
      contexts,
      syntax: 'ssl_client_certificate file;',
      summary: 'CAs of client certificates; their names are told to the client.',
    }),
    stringSlot('ssl_trusted_certificate', 'trustedCertificate', {
      contexts,
      syntax: 'ssl_trusted_certificate file;',
      summary: 'More CAs of client certificates.',
    }),
    stringSlot('ssl_crl', 'crl', {
      contexts,
      syntax: 'ssl_crl file;',
      summary: 'Revoked client certificates, PEM. Every CA of a chain then needs a list.',
    }),
    sessionCacheDirective(contexts, use),
    secSlot('ssl_session_timeout', 'sessionTimeoutS', {
      contexts,
      syntax: 'ssl_session_timeout time;',
      default: '5m',
      summary: 'How long a TLS session may be resumed.',
    }),
    flagSlot('ssl_session_tickets', 'sessionTickets', {
      contexts,
      syntax: 'ssl_session_tickets on | off;',
      default: 'on',
      summary: 'Resumption by tickets that the client keeps.',
    }),
    listSlot('ssl_session_ticket_key', 'ticketKeys', {
      contexts,
      syntax: 'ssl_session_ticket_key file;',
      summary: 'Keys of the tickets, 48 or 80 bytes. The first encrypts, all decrypt.',
    }),
    keyvalSlot('ssl_conf_command', 'confCommands', {
      contexts,
      syntax: 'ssl_conf_command name value;',
      summary: "Settings of the TLS library by OpenSSL's names, those that Node.js can pass on.",
    }),
  ];
}
