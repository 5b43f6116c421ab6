// xtext (RFC 3461 section 4): how a value stands in an XCLIENT attribute.
import type { ByteString } from '../../conf/directive.ts';

const HEX = '0123456789ABCDEF';
const PLUS = 0x2b;
const EQUALS = 0x3d;

/** Everything but printable ASCII, and `+` and `=`, becomes `+` and two hex digits. */
export function xtext(value: Buffer): ByteString {
  let out = '';
  for (const c of value) {
    const plain = c > 0x20 && c < 0x7f && c !== PLUS && c !== EQUALS;
    out += plain ? String.fromCharCode(c) : `+${HEX.charAt(c >> 4)}${HEX.charAt(c & 15)}`;
  }
  return out;
}
