// The auth request: the lines and their order are nginx's, so that existing auth services go on working.
import type { ByteString } from '../../conf/directive.ts';
import { verifyText } from '../../net/tls/verify-client.ts';
import { certificateFacts } from '../../net/x509/certificate-facts.ts';
import { escapeValue } from '../escape.ts';
import type { MailProtocol, ProtocolSession } from '../protocol.ts';
import type { AuthMethod } from '../session/credentials.ts';
import type { Session } from '../session/session.ts';
import type { CustomLines } from './custom-headers.ts';

/** The parts of every request of a server. */
export interface RequestParts {
  /** Request line and Host. */
  readonly head: Buffer;
  /** The lines of auth_http_header. */
  readonly custom: CustomLines;
  readonly passClientCert: boolean;
  /** ssl_verify_client is not off. */
  readonly verifiesClient: boolean;
}

const EMPTY = Buffer.alloc(0);
const CRLF = Buffer.from('\r\n');
const AUTH_PASS = Buffer.from('\r\nAuth-Pass: ');
const AUTH_SALT = Buffer.from('Auth-Salt: ');
const untilUser = (method: AuthMethod): Buffer => Buffer.from(`Auth-Method: ${method}\r\nAuth-User: `);
/** What stands between the head and the user's name. */
const UNTIL_USER: Readonly<Record<AuthMethod, Buffer>> = {
  plain: untilUser('plain'),
  apop: untilUser('apop'),
  'cram-md5': untilUser('cram-md5'),
  external: untilUser('external'),
  xoauth2: untilUser('xoauth2'),
  oauthbearer: untilUser('oauthbearer'),
  none: untilUser('none'),
};

/** The whole request. It holds the password: overwrite it when it has been sent. */
export function authRequest(
  parts: RequestParts,
  protocol: MailProtocol,
  session: Session,
  state: ProtocolSession,
): Buffer {
  const { credentials, tls, proxyHeader } = session;
  const method = credentials?.method ?? 'none';
  const own = state.authHeaders?.();
  const pass = escapeValue(credentials?.pass ?? EMPTY);
  const out: Buffer[] = [
    parts.head,
    UNTIL_USER[method],
    escapeValue(credentials?.user ?? EMPTY),
    AUTH_PASS,
    pass,
    CRLF,
  ];
  if (credentials?.salt !== undefined) out.push(AUTH_SALT, credentials.salt, CRLF);
  let lines =
    `Auth-Protocol: ${protocol.name}\r\nAuth-Login-Attempt: ${session.attempt}\r\n` +
    `Client-IP: ${session.clientText}\r\n`;
  if (own !== undefined) lines += `Client-Host: ${own.clientHost}\r\n`;
  if (proxyHeader !== undefined) {
    lines +=
      `Proxy-Protocol-Addr: ${proxyHeader.source}\r\nProxy-Protocol-Port: ${proxyHeader.sourcePort}\r\n` +
      `Proxy-Protocol-Server-Addr: ${proxyHeader.destination}\r\n` +
      `Proxy-Protocol-Server-Port: ${proxyHeader.destinationPort}\r\n`;
  }
  out.push(latin1(lines));
  if (own?.envelope !== undefined) out.push(own.envelope);
  if (tls !== undefined) out.push(tlsLines(parts, session));
  out.push(typeof parts.custom === 'function' ? parts.custom(session) : parts.custom, CRLF);
  const request = Buffer.concat(out);
  if (pass !== credentials?.pass) pass.fill(0);
  return request;
}

function tlsLines(parts: RequestParts, session: Session): Buffer {
  const { tls } = session;
  if (tls === undefined) return EMPTY;
  let lines = `Auth-SSL: on\r\nAuth-SSL-Protocol: ${tls.protocol}\r\nAuth-SSL-Cipher: ${tls.cipher}\r\n`;
  if (!parts.verifiesClient) return latin1(lines);
  const certificate = tls.peerCertificate;
  lines += `Auth-SSL-Verify: ${verifyText(tls)}\r\n`;
  if (certificate === undefined) return latin1(lines);
  const facts = certificateFacts(certificate);
  lines +=
    `Auth-SSL-Subject: ${facts.subject}\r\nAuth-SSL-Issuer: ${facts.issuer}\r\n` +
    `Auth-SSL-Serial: ${facts.serial}\r\nAuth-SSL-Fingerprint: ${facts.fingerprint}\r\n`;
  if (parts.passClientCert) lines += `Auth-SSL-Cert: ${escapeValue(latin1(facts.pem)).toString('latin1')}\r\n`;
  return latin1(lines);
}

function latin1(text: ByteString): Buffer {
  return Buffer.from(text, 'latin1');
}
