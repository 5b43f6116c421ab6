// Byte strings of the tests: one byte per character, printed so that every byte shows.

export function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

const NAMED: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r', 34: '\\"', 92: '\\\\' };

/** Bytes as a quoted JavaScript string; long ones are cut in the middle. */
export function show(bytes: string | Uint8Array, limit = 2000): string {
  const data = typeof bytes === 'string' ? latin1(bytes) : bytes;
  if (data.length > limit) {
    const half = limit / 2;
    return `${show(data.subarray(0, half), limit)}…${data.length - limit} more…${show(data.subarray(data.length - half), limit)}`;
  }
  let text = '';
  for (const byte of data) {
    const plain = byte >= 32 && byte < 127 && byte !== 34 && byte !== 92;
    text += plain ? String.fromCharCode(byte) : (NAMED[byte] ?? `\\x${byte.toString(16).padStart(2, '0')}`);
  }
  return `"${text}"`;
}

export function base64(text: string | Buffer): string {
  return (typeof text === 'string' ? latin1(text) : text).toString('base64');
}

/** The SASL PLAIN message of a login, in base64. */
export function saslPlain(user: string, password: string, authorize = ''): string {
  return base64(`${authorize}\0${user}\0${password}`);
}

/** Control bytes as `\x` and two upper-case hex digits, as the error log shows what a peer sent. */
export function escapeControls(text: string): string {
  return Array.from(text, (c) => {
    const code = c.charCodeAt(0);
    return code < 32 || code === 127 ? `\\x${code.toString(16).toUpperCase().padStart(2, '0')}` : c;
  }).join('');
}
