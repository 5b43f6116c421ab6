// What has come of the head of a request that is not whole yet, for the log: a broken one may never become a request.
import type { ByteString } from '../../conf/directive.ts';

/** More of a request line than any log shows. */
const KEPT = 4096;
const LF = 0x0a;
const HEAD_END = Buffer.from('\r\n\r\n');

export class HeadRecord {
  #start: Buffer = EMPTY;
  /** The request line is complete. */
  hasLine = false;

  clear(): void {
    this.#start = EMPTY;
    this.hasLine = false;
  }

  add(chunk: Buffer): void {
    this.hasLine ||= chunk.includes(LF, this.#start.length === 0 ? firstLetter(chunk) : 0);
    if (this.#start.length === 0) this.#start = chunk;
    else if (this.#start.length < KEPT) this.#start = Buffer.concat([this.#start, chunk]).subarray(0, KEPT);
  }

  get isEmpty(): boolean {
    return this.#start.length === 0;
  }

  /** The request line, as far as it came. */
  get line(): ByteString {
    return firstLine(this.#start.subarray(0, KEPT).toString('latin1'));
  }
}

const EMPTY: Buffer = Buffer.alloc(0);

/** Empty lines may stand before a request. */
function firstLetter(chunk: Buffer): number {
  let at = 0;
  while (chunk[at] === LF || chunk[at] === 0x0d) at++;
  return at;
}

/** Nothing stands in the piece behind the head that it ends. */
export function endsHead(piece: Buffer): boolean {
  const end = piece.indexOf(HEAD_END);
  return end < 0 ? piece.at(-1) === LF : end === piece.length - HEAD_END.length;
}

export const firstLine = (text: ByteString): ByteString => /^[\r\n]*([^\r\n]*)/.exec(text)?.[1] ?? '';
