// Memory for secrets, of their own and in one place, so that overwriting them leaves no copy.

/**
 * Not in the heap of V8, where Buffers of up to 64 bytes are otherwise: what is there is moved about, and what was in
 * the old places stays until they are used again. Filled with zeros.
 */
export const secretBuffer = (length: number): Buffer => Buffer.from(new ArrayBuffer(length));

export function secretCopy(bytes: Uint8Array): Buffer {
  const own = secretBuffer(bytes.length);
  own.set(bytes);
  return own;
}
