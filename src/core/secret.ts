// Memory for secrets, of their own and in one place, so that overwriting them leaves no copy.

/** That secrets share: an ArrayBuffer for each would cost more than all that is done with it, by the garbage collector. */
const BLOCK_BYTES = 4096;
/** Longer ones have a block of their own. */
const MAX_SHARED = 512;

/** Hands out each byte once. A block goes when the last secret in it does: what is kept for long does not belong here. */
class SecretMemory {
  #block = new ArrayBuffer(0);
  #used = 0;

  take(length: number): Buffer {
    if (length > MAX_SHARED) return Buffer.from(new ArrayBuffer(length));
    if (length > this.#block.byteLength - this.#used) {
      this.#block = new ArrayBuffer(BLOCK_BYTES);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += length;
    return Buffer.from(this.#block, at, length);
  }
}

const MEMORY = new SecretMemory();

/**
 * Not in the heap of V8, where Buffers of up to 64 bytes are otherwise: what is there is moved about, and what was in
 * the old places stays until they are used again. Nor in Node.js's pool, to which everybody writes. Filled with zeros.
 */
export const secretBuffer = (length: number): Buffer => MEMORY.take(length);

export function secretCopy(bytes: Uint8Array): Buffer {
  const own = secretBuffer(bytes.length);
  own.set(bytes);
  return own;
}
