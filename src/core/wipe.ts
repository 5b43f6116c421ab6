// Overwriting what nobody may see any more.

const { fill } = Uint8Array.prototype;

/** With zeros. The `fill` of a Buffer takes patterns, and twice as long for a few bytes. */
export function wipe(bytes: Uint8Array, end = bytes.length): void {
  fill.call(bytes, 0, 0, end);
}
