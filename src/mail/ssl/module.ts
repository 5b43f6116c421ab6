// The mail ssl module: starttls, certificates, and everything else about TLS with the clients.
import { args, type ConfCursor, type Directive, Fault } from '../../conf/directive.ts';
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
import { readPasswords } from '../../net/tls/passwords.ts';
import { defineMailModule } from '../define.ts';
import { type SslRaw, sslConf } from './conf.ts';
import { sessionCacheDirective } from './session-cache.ts';

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
const starttls: Directive<SslRaw> = {
  ...starttlsSlot,
  set: (cf, values, conf) => {
    conf.starttlsPosition = cf.position;
    return starttlsSlot.set(cf, values, conf);
  },
};

const passwordFile: Directive<SslRaw> = {
  name: 'ssl_password_file',
  ...both,
  arity: args(1),
  doc: {
    syntax: 'ssl_password_file file;',
    summary: 'Pass phrases for encrypted keys, one a line; each is tried in turn.',
  },
  set: (cf: ConfCursor, [file = ''], conf) => {
    if (conf.passphrases !== undefined) return new Fault('is duplicate');
    const passphrases = readPasswords(cf, file);
    if (passphrases instanceof Fault) return passphrases;
    conf.passphrases = passphrases;
    return undefined;
  },
};

export const sslModule = defineMailModule({
  name: 'ssl',
  createMainConf: () => undefined,
  createSrvConf: (): SslRaw => ({
    starttls: undefined,
    starttlsPosition: undefined,
    certificates: undefined,
    keys: undefined,
    passphrases: undefined,
    compression: undefined,
    protocols: undefined,
    ciphers: undefined,
    preferServerCiphers: undefined,
    dhparam: undefined,
    ecdhCurve: undefined,
    verifyClient: undefined,
    verifyDepth: undefined,
    clientCertificate: undefined,
    trustedCertificate: undefined,
    crl: undefined,
    sessionCache: undefined,
    sessionTimeoutS: undefined,
    sessionTickets: undefined,
    ticketKeys: undefined,
    confCommands: undefined,
  }),
  srvDirectives: [
    starttls,
    listSlot('ssl_certificate', 'certificates', {
      ...both,
      syntax: 'ssl_certificate file;',
      summary: 'The certificate with its intermediates, PEM. Repeat it for another key type.',
    }),
    listSlot('ssl_certificate_key', 'keys', {
      ...both,
      syntax: 'ssl_certificate_key file;',
      summary: 'The key of the certificate, PEM. Repeated in the order of the certificates.',
    }),
    passwordFile,
    flagSlot('ssl_certificate_compression', 'compression', {
      ...both,
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
        ...both,
        syntax: 'ssl_protocols [SSLv2] [SSLv3] [TLSv1] [TLSv1.1] [TLSv1.2] [TLSv1.3];',
        default: 'TLSv1.2 TLSv1.3',
        summary: 'Versions of TLS that clients may use.',
      },
    ),
    stringSlot('ssl_ciphers', 'ciphers', {
      ...both,
      syntax: 'ssl_ciphers ciphers;',
      default: 'HIGH:!aNULL:!MD5',
      summary: "Ciphers for TLS up to 1.2, as OpenSSL's list.",
    }),
    flagSlot('ssl_prefer_server_ciphers', 'preferServerCiphers', {
      ...both,
      syntax: 'ssl_prefer_server_ciphers on | off;',
      default: 'off',
      summary: 'Our order of ciphers counts instead of that of the client.',
    }),
    stringSlot('ssl_dhparam', 'dhparam', {
      ...both,
      syntax: 'ssl_dhparam file;',
      summary: 'Parameters for DHE ciphers, which are not offered without them.',
    }),
    stringSlot('ssl_ecdh_curve', 'ecdhCurve', {
      ...both,
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
        ...both,
        syntax: 'ssl_verify_client on | off | optional | optional_no_ca;',
        default: 'off',
        summary: 'Whether clients have to show a certificate, and whether its chain counts.',
      },
    ),
    numSlot('ssl_verify_depth', 'verifyDepth', {
      ...both,
      syntax: 'ssl_verify_depth number;',
      default: '1',
      summary: 'The longest chain of client certificates.',
    }),
    stringSlot('ssl_client_certificate', 'clientCertificate', {
      ...both,
      syntax: 'ssl_client_certificate file;',
      summary: 'CAs of client certificates; their names are told to the client.',
    }),
    stringSlot('ssl_trusted_certificate', 'trustedCertificate', {
      ...both,
      syntax: 'ssl_trusted_certificate file;',
      summary: 'More CAs of client certificates.',
    }),
    stringSlot('ssl_crl', 'crl', {
      ...both,
      syntax: 'ssl_crl file;',
      summary: 'Revoked client certificates, PEM. Every CA of a chain then needs a list.',
    }),
    sessionCacheDirective(both.contexts),
    secSlot('ssl_session_timeout', 'sessionTimeoutS', {
      ...both,
      syntax: 'ssl_session_timeout time;',
      default: '5m',
      summary: 'How long a TLS session may be resumed.',
    }),
    flagSlot('ssl_session_tickets', 'sessionTickets', {
      ...both,
      syntax: 'ssl_session_tickets on | off;',
      default: 'on',
      summary: 'Resumption by tickets that the client keeps.',
    }),
    listSlot('ssl_session_ticket_key', 'ticketKeys', {
      ...both,
      syntax: 'ssl_session_ticket_key file;',
      summary: 'Keys of the tickets, 48 or 80 bytes. The first encrypts, all decrypt.',
    }),
    keyvalSlot('ssl_conf_command', 'confCommands', {
      ...both,
      syntax: 'ssl_conf_command name value;',
      summary: "Settings of the TLS library by OpenSSL's names, those that Node.js can pass on.",
    }),
  ],
  mergeSrvConf: sslConf,
});
