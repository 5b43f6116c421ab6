// Memory for secrets, where overwriting them leaves no copy.

/**
 * Buffers of up to 64 bytes that are memory of their own are in the heap of V8: what is there is moved about, and what
 * was in the old places stays until they are used again. The pool of Node.js is outside of it. Filled with zeros.
 */
export const secretBuffer = (length: number): Buffer => Buffer.allocUnsafe(length).fill(0);

export function secretCopy(bytes: Uint8Array): Buffer {
  const own = secretBuffer(bytes.length);
  own.set(bytes);
  return own;
}
