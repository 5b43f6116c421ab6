// Base64 of SASL data (RFC 4648 section 4), as leniently as nginx decodes it.
import { secretBuffer } from '../../core/secret.ts';

const LETTERS = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const PAD = 0x3d;
const NOT_BASE64 = 64;

const VALUES: Readonly<Uint8Array> = (() => {
  const values = new Uint8Array(256).fill(NOT_BASE64);
  for (const [i, letter] of LETTERS.entries()) values[letter] = i;
  return values;
})();

/**
 * Decoding ends at the first `=`, and nothing behind it is looked at. Padding may be missing.
 * Returns undefined when another byte is none of the alphabet, or when the length cannot be a whole number of
 * bytes. The result has memory of its own, so that zeroing it leaves no copy.
 */
export function decodeBase64(text: Buffer): Buffer | undefined {
  const pad = text.indexOf(PAD);
  const length = pad === -1 ? text.length : pad;
  if (length % 4 === 1) return undefined;
  const out = secretBuffer(Math.floor((length * 3) / 4));
  let bits = 0;
  let held = 0;
  let to = 0;
  for (let i = 0; i < length; i++) {
    const value = VALUES[text[i] ?? 0] ?? NOT_BASE64;
    if (value === NOT_BASE64) {
      out.fill(0);
      return undefined;
    }
    bits = ((bits << 6) | value) & 0xfff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out[to++] = bits >> held;
    }
  }
  return out;
}

/**
 * The base64 text as bytes, padded, without a line end. It passes through no string, which could not be zeroed,
 * and has memory of its own.
 */
export function encodeBase64(data: Buffer): Buffer {
  const out = secretBuffer(Math.ceil(data.length / 3) * 4);
  let to = 0;
  for (let i = 0; i < data.length; i += 3) {
    const bits = ((data[i] ?? 0) << 16) | ((data[i + 1] ?? 0) << 8) | (data[i + 2] ?? 0);
    out[to++] = LETTERS[bits >> 18] ?? PAD;
    out[to++] = LETTERS[(bits >> 12) & 63] ?? PAD;
    out[to++] = i + 1 < data.length ? (LETTERS[(bits >> 6) & 63] ?? PAD) : PAD;
    out[to++] = i + 2 < data.length ? (LETTERS[bits & 63] ?? PAD) : PAD;
  }
  return out;
}
