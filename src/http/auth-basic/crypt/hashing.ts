// What the password hashes have in common: a computation in pieces, and the alphabet of crypt(3).
import type { ByteString } from '../../../conf/directive.ts';

/** Yields often, so that others get their turn; ends with the hash, as crypt(3) returns it. */
export type Hashing = Generator<undefined, ByteString>;

/** @returns undefined: crypt(3) takes no such setting */
export type Crypt = (password: Buffer, setting: ByteString) => Hashing | undefined;

/** As of libxcrypt: longer passwords fit no hash. */
export const MAX_PASSWORD = 511;

export const ITOA64 = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * Digits of crypt(3): groups of bytes, the last of a group holding the lowest bits, six bits a digit.
 * @param order indices of bytes, in groups of three; the rest makes a shorter group
 */
export function encode64(bytes: Uint8Array, order: readonly number[]): ByteString {
  let text = '';
  for (let i = 0; i < order.length; i += 3) {
    const group = order.slice(i, i + 3);
    let value = group.reduce((sum, at) => (sum << 8) | (bytes[at] ?? 0), 0);
    for (let digits = group.length + 1; digits > 0; digits--) {
      text += ITOA64[value & 0x3f];
      value >>= 6;
    }
  }
  return text;
}

/** No byte of a salt, says crypt(3). */
export const ODD_SALT = /[^!-~]|[!*:;\\]/;
