// Percent escapes of the auth request: no value that a client chose can end its line.
import { secretBuffer } from '../core/secret.ts';

const HEX = '0123456789ABCDEF';
const PERCENT = 37;
const TAB = 9;

/** Credentials and certificates: bytes up to 0x1F, space and `%`. */
export function escapeValue(value: Buffer): Buffer {
  return escapeWhere(value, (c) => c <= 0x20 || c === PERCENT);
}

/** Envelope texts, which nginx sends as typed: only what no header may hold. */
export function escapeControl(value: Buffer): Buffer {
  return escapeWhere(value, (c) => (c < 0x20 && c !== TAB) || c === 0x7f);
}

function escapeWhere(value: Buffer, unsafe: (c: number) => boolean): Buffer {
  let extra = 0;
  for (const c of value) if (unsafe(c)) extra += 2;
  if (extra === 0) return value;
  const out = secretBuffer(value.length + extra);
  let n = 0;
  for (const c of value) {
    if (unsafe(c)) {
      out[n++] = PERCENT;
      out[n++] = HEX.charCodeAt(c >> 4);
      out[n++] = HEX.charCodeAt(c & 15);
    } else out[n++] = c;
  }
  return out;
}
