// Puts together what comes of a frame in small pieces: each piece costs some hundred bytes until the frame is whole.

/** A piece of this size goes on as it is. */
const LARGE = 4096;
const MASK_BYTES = 4;
/** Without the mask. */
const MAX_HEAD = 10;

/** It only looks for the ends of frames (RFC 6455, 5.2): what is wrong with one is found by whoever reads it. */
export class FrameGather {
  readonly #head = Buffer.alloc(MAX_HEAD);
  #headBytes = 0;
  /** Of the mask, and what the frame carries. */
  #left = 0;
  #held: Buffer | undefined;
  #heldBytes = 0;

  /** @returns what may go on: everything so far; undefined: it would be of no use yet */
  add(chunk: Buffer): Buffer | undefined {
    const isUseful = this.#follow(chunk);
    if (isUseful || this.#heldBytes + chunk.length >= LARGE) return this.#all(chunk);
    this.#held ??= Buffer.alloc(LARGE);
    this.#heldBytes += chunk.copy(this.#held, this.#heldBytes);
    return undefined;
  }

  #all(chunk: Buffer): Buffer {
    if (this.#held === undefined || this.#heldBytes === 0) return chunk;
    const held = this.#held.subarray(0, this.#heldBytes);
    const all = Buffer.concat([held, chunk]);
    held.fill(0); // a password may be in it
    this.#heldBytes = 0;
    return all;
  }

  /** @returns whether a frame ends in it, or how long one is becomes known */
  #follow(chunk: Buffer): boolean {
    let ends = false;
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - at);
        this.#left -= taken;
        at += taken;
        ends ||= this.#left === 0;
      } else {
        this.#head[this.#headBytes++] = chunk[at++] ?? 0;
        if (this.#headBytes < headSize(this.#head, this.#headBytes)) continue;
        this.#left = lengthIn(this.#head);
        this.#headBytes = 0;
        ends = true;
      }
    }
    return ends;
  }
}

/** As far as the first bytes of it tell. */
function headSize(head: Buffer, known: number): number {
  const short = known < 2 ? 0 : (head[1] ?? 0) & 0x7f;
  return short < 126 ? 2 : short === 126 ? 4 : MAX_HEAD;
}

function lengthIn(head: Buffer): number {
  const second = head[1] ?? 0;
  const [short, mask] = [second & 0x7f, second & 0x80 ? MASK_BYTES : 0];
  if (short < 126) return mask + short;
  return mask + (short === 126 ? head.readUInt16BE(2) : head.readUInt32BE(2) * 2 ** 32 + head.readUInt32BE(6));
}
