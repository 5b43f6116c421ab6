// Takes the frames of a server as they come, however much: what binary ones carry goes on at once, and nothing is kept.
import { BINARY } from './websocket-client.ts';

export class FrameSink {
  readonly #take: (bytes: Buffer) => void;
  #head: Buffer = Buffer.alloc(0);
  #opcode = 0;
  #left = 0;

  constructor(take: (bytes: Buffer) => void) {
    this.#take = take;
  }

  add(chunk: Buffer): void {
    for (let rest = chunk; rest.length > 0; ) {
      if (this.#left === 0) {
        const all = Buffer.concat([this.#head, rest]);
        const size = headSize(all);
        if (all.length < size) {
          this.#head = all;
          return;
        }
        this.#head = Buffer.alloc(0);
        this.#opcode = (all[0] ?? 0) & 0x0f;
        this.#left = lengthIn(all);
        rest = all.subarray(size);
      } else {
        const part = rest.subarray(0, this.#left);
        this.#left -= part.length;
        rest = rest.subarray(part.length);
        if (this.#opcode <= BINARY) this.#take(part);
      }
    }
  }
}

/** A server masks nothing. */
function headSize(head: Buffer): number {
  const short = head.length < 2 ? 0 : (head[1] ?? 0);
  return short < 126 ? 2 : short === 126 ? 4 : 10;
}

function lengthIn(head: Buffer): number {
  const short = head[1] ?? 0;
  if (short < 126) return short;
  return short === 126 ? head.readUInt16BE(2) : Number(head.readBigUInt64BE(2));
}
