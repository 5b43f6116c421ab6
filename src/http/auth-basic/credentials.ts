// User and password of basic authentication (RFC 7617), as nginx reads the header line.
import type { ByteString } from '../../conf/directive.ts';

export interface Credentials {
  readonly user: Buffer;
  /** Up to its first NUL, as crypt(3) reads it. */
  readonly password: Buffer;
  /** Overwrites both. */
  forget(): void;
}

/** What stands behind the first `=` does not count. */
const BASIC = /^basic +([A-Za-z0-9+/]+)(?:=.*)?$/is;
const COLON = 0x3a;

/** @returns undefined: there are none, or they have no user, no password, or another encoding */
export function readCredentials(authorization: ByteString | undefined): Credentials | undefined {
  const [, encoded] = BASIC.exec(authorization ?? '') ?? [];
  if (encoded === undefined || encoded.length % 4 === 1) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  const colon = bytes.indexOf(COLON);
  if (colon <= 0) {
    bytes.fill(0);
    return undefined;
  }
  const rest = bytes.subarray(colon + 1);
  const nul = rest.indexOf(0);
  return {
    user: bytes.subarray(0, colon),
    password: nul < 0 ? rest : rest.subarray(0, nul),
    forget: () => void bytes.fill(0),
  };
}

/** `$remote_user`, whether or not the password is right. */
export function basicUser(authorization: ByteString | undefined): ByteString | undefined {
  const credentials = readCredentials(authorization);
  const user = credentials?.user.toString('latin1');
  credentials?.forget();
  return user;
}
