// $ssl_…: what the TLS of a connection has come to, and the client's certificate.
import type { ByteString } from '../../conf/directive.ts';
import type { TlsInfo } from '../../net/tls/established.ts';
import { cipherNames, groupNames } from '../../net/tls/offer-names.ts';
import { verifyText } from '../../net/tls/verify-client.ts';
import { type CertificateFacts, certificateFacts, legacyNames, validity } from '../../net/x509/certificate-facts.ts';
import type { VariableSpec } from '../variables.ts';

type Text = ByteString | undefined;

/** @param tlsOf what is known of the TLS of a subject's connection; undefined: it has none, and nothing has a value */
export function tlsVariables<S>(tlsOf: (subject: S) => TlsInfo | undefined): readonly VariableSpec<S>[] {
  const tls = (name: string, get: (info: TlsInfo) => Text): VariableSpec<S> => ({
    name,
    get: (subject) => {
      const info = tlsOf(subject);
      return info === undefined ? undefined : get(info);
    },
  });
  /** Of the client's certificate, DER, where it has shown one. */
  const certificate = (name: string, get: (der: Buffer) => Text): VariableSpec<S> =>
    tls(name, ({ peerCertificate }) => (peerCertificate === undefined ? undefined : get(peerCertificate)));
  const fact = (name: string, key: Exclude<keyof CertificateFacts, 'commonName'>): VariableSpec<S> =>
    certificate(name, (der) => certificateFacts(der)[key]);
  return [
    tls('ssl_protocol', ({ protocol }) => protocol),
    tls('ssl_cipher', ({ cipher }) => cipher),
    tls('ssl_ciphers', ({ hello }) => (hello === undefined ? undefined : cipherNames(hello.ciphers))),
    tls('ssl_curves', ({ hello }) => (hello === undefined ? undefined : groupNames(hello.groups))),
    tls('ssl_curve', notTold),
    tls('ssl_server_name', ({ servername }) => servername),
    tls('ssl_alpn_protocol', ({ alpn }) => alpn),
    tls('ssl_session_id', (info) => info.sessionId()),
    tls('ssl_session_reused', ({ resumed }) => (resumed ? 'r' : '.')),
    tls('ssl_early_data', notTold),
    tls('ssl_sigalg', () => ''),
    tls('ssl_client_sigalg', () => ''),
    tls('ssl_ech_status', notTold),
    tls('ssl_ech_outer_server_name', notTold),
    fact('ssl_client_raw_cert', 'pem'),
    certificate('ssl_client_cert', (der) => certificateFacts(der).pem.trimEnd().replaceAll('\n', '\n\t')),
    certificate('ssl_client_escaped_cert', (der) => encodeURIComponent(certificateFacts(der).pem)),
    fact('ssl_client_s_dn', 'subject'),
    fact('ssl_client_i_dn', 'issuer'),
    certificate('ssl_client_s_dn_legacy', (der) => legacyNames(der).subject),
    certificate('ssl_client_i_dn_legacy', (der) => legacyNames(der).issuer),
    fact('ssl_client_serial', 'serial'),
    fact('ssl_client_fingerprint', 'fingerprint'),
    tls('ssl_client_verify', verifyText),
    certificate('ssl_client_v_start', (der) => validity(der).start),
    certificate('ssl_client_v_end', (der) => validity(der).end),
    certificate('ssl_client_v_remain', (der) => String(daysUntil(validity(der).end))),
  ];
}

/** Node.js does not tell, or does not have it. */
function notTold(): Text {
  return undefined;
}

const DAY_MS = 86_400_000;

const daysUntil = (end: string): number => Math.max(0, Math.floor((Date.parse(end) - Date.now()) / DAY_MS));
