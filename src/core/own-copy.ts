// Secrets live in memory of their own.

/** A copy outside the shared buffer pool, so that it can be zeroed for good. */
export function ownCopy(bytes: Uint8Array): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return own;
}
