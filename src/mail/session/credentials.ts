// What a client proved itself with in one attempt; buffers, so that they can be zeroed.
import { wipe } from '../../core/wipe.ts';

export type AuthMethod = 'plain' | 'apop' | 'cram-md5' | 'external' | 'xoauth2' | 'oauthbearer' | 'none';

/** OAuth: the password is a token, and a refusal can have a reason that goes to the client within SASL. */
export function isOAuth(method: AuthMethod | undefined): boolean {
  return method === 'xoauth2' || method === 'oauthbearer';
}

export interface Credentials {
  readonly method: AuthMethod;
  /** Replaced by the auth server's Auth-User. */
  user: Buffer;
  /** The password, the token, or the digest of a challenge mechanism; undefined where the mechanism has none. */
  pass: Buffer | undefined;
  /** APOP and CRAM-MD5: the challenge that the digest answers. */
  readonly salt: Buffer | undefined;
  /** The client said user and password one by one. */
  readonly apart?: boolean;
}

/** Overwrites the password; the user name stays, since the log shows it. */
export function wipeCredentials(credentials: Credentials | undefined): void {
  if (credentials?.pass !== undefined) wipe(credentials.pass);
}
