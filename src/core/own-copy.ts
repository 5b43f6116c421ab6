// Bytes that outlive what they came in.

/** A copy outside the shared buffer pool, which would be kept with it. Of secrets there is `secretCopy`. */
export function ownCopy(bytes: Uint8Array): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return own;
}
