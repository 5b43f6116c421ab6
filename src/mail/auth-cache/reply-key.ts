// What an answer is found by: a digest of all that the question depended on, with a key that never leaves the process.
import { createHmac } from 'node:crypto';
import type { AuthMethod } from '../session/credentials.ts';
import type { Session } from '../session/session.ts';

export interface ReplyKey {
  readonly id: string;
  /** For the password of the answer; to be overwritten. */
  readonly seal: Buffer;
}

/** The answer to a challenge is good once only, and mail without a login is asked for by sender and recipient. */
const METHODS: ReadonlySet<AuthMethod> = new Set(['plain', 'xoauth2', 'oauthbearer']);

const EMPTY = Buffer.alloc(0);
const ID = Buffer.from('id');
const SEAL = Buffer.from('seal');

/**
 * @param scope what tells this auth server and protocol from others
 * @param by what else answers depend on: the client's address, or what the configuration says
 * @returns undefined: an answer to this question must not be used again
 */
export function replyKey(
  secret: Buffer,
  scope: Buffer,
  { credentials, tls }: Pick<Session, 'credentials' | 'tls'>,
  by: Buffer,
): ReplyKey | undefined {
  if (credentials?.pass === undefined || !METHODS.has(credentials.method)) return undefined;
  const fields = [
    scope,
    Buffer.from(credentials.method),
    credentials.user,
    credentials.pass,
    by,
    Buffer.from(tls === undefined ? 'clear' : `tls ${tls.verify.code}`),
    tls?.peerCertificate ?? EMPTY,
  ];
  return { id: digest(secret, ID, fields).toString('latin1'), seal: digest(secret, SEAL, fields) };
}

/** Lengths stand before the values, so that no two lists have the same bytes. */
function digest(secret: Buffer, purpose: Buffer, fields: readonly Buffer[]): Buffer {
  const hmac = createHmac('sha256', secret);
  for (const field of [purpose, ...fields]) {
    hmac.update(`${field.length}:`);
    hmac.update(field);
  }
  return hmac.digest();
}
