// What the auth server says: its headers, taken for what they mean.
import { ownCopy } from '../../core/own-copy.ts';
import { secretCopy } from '../../core/secret.ts';

/** What the headers say; values are copies. */
export interface AuthReply {
  /** It says that the client may come in. */
  ok: boolean;
  /** The text of a failure: the last one wins, and a later OK does not undo it. */
  failure: Buffer | undefined;
  wait: boolean;
  server: Buffer | undefined;
  port: Buffer | undefined;
  user: Buffer | undefined;
  pass: Buffer | undefined;
  /** Auth-Method: how to log in at the backend. */
  method: Buffer | undefined;
  /** Seconds. */
  waitS: number;
  code: Buffer | undefined;
  /** Auth-Upstream-SSL and Auth-Upstream-SSL-Name: TLS to the backend. */
  ssl: Buffer | undefined;
  sslName: Buffer | undefined;
  /** Auth-Upstream-Protocol: the PROXY header for the backend. */
  proxyVersion: Buffer | undefined;
  /** Auth-Source-IP: where the connection to the backend comes from. */
  source: Buffer | undefined;
  /** Auth-Error-SASL, in base64: why an OAuth login is refused. */
  saslError: Buffer | undefined;
  /** Headers that variables are about, the last one of each name. */
  kept: Map<string, Buffer> | undefined;
}

export const noReply = (): AuthReply => ({
  ok: false,
  failure: undefined,
  wait: false,
  server: undefined,
  port: undefined,
  user: undefined,
  pass: undefined,
  method: undefined,
  waitS: 0,
  code: undefined,
  ssl: undefined,
  sslName: undefined,
  proxyVersion: undefined,
  source: undefined,
  saslError: undefined,
  kept: undefined,
});

/**
 * Takes a header whose name begins with "auth-"; of others that do nothing is known.
 * @param name in lower case
 */
export function takeHeader(reply: AuthReply, name: string, bytes: Uint8Array): void {
  const value = name === 'auth-pass' ? secretCopy(bytes) : ownCopy(bytes);
  switch (name) {
    case 'auth-status': {
      const status = value.toString('latin1');
      if (status === 'WAIT') reply.wait = true;
      else if (status === 'OK') reply.ok = true;
      else reply.failure = value;
      break;
    }
    case 'auth-server':
      reply.server = value;
      break;
    case 'auth-port':
      reply.port = value;
      break;
    case 'auth-user':
      reply.user = value;
      break;
    case 'auth-pass':
      reply.pass?.fill(0);
      reply.pass = value;
      break;
    case 'auth-method':
      reply.method = value;
      break;
    case 'auth-wait': {
      const text = value.toString('latin1');
      if (/^\d{1,18}$/.test(text)) reply.waitS = Number(text);
      break;
    }
    case 'auth-upstream-ssl':
      reply.ssl = value;
      break;
    case 'auth-upstream-ssl-name':
      reply.sslName = value;
      break;
    case 'auth-upstream-protocol':
      reply.proxyVersion = value;
      break;
    case 'auth-source-ip':
      reply.source = value;
      break;
    case 'auth-error-code':
      reply.code = value;
      break;
    case 'auth-error-sasl':
      reply.saslError = value;
      break;
    default:
  }
}
