// Lines of an answer's head that end by LF alone, which nginx takes and the parser of node:http does not.

const CR = 13;
const LF = 10;
const CARRIAGE_RETURN = Buffer.from('\r');
/** `HTTP/1.1 1`: the head of an interim answer, behind which another one comes. */
const INTERIM = /^HTTP\/1\.\d 1(?!01)/;
/** As much of a status line as tells that. */
const STATUS_LENGTH = 12;

/** Gives every line of a head its CR, and leaves everything behind the head alone. */
export class HeadLines {
  #isHead = true;
  /** Of the status line, until that has ended. */
  #status = '';
  #isStatusLine = true;
  #isInterim = false;
  /** Bytes of the line at hand that came with earlier chunks, and the last of them. */
  #held = 0;
  #before = 0;

  /** @returns the chunk itself where there is nothing to add */
  feed(chunk: Buffer): Buffer {
    if (!this.#isHead) return chunk;
    const parts: Buffer[] = [];
    let taken = 0;
    let line = 0;
    for (let lf = chunk.indexOf(LF); lf !== -1 && this.#isHead; lf = chunk.indexOf(LF, line)) {
      const before = lf === 0 ? this.#before : chunk[lf - 1];
      if (before !== CR) {
        parts.push(chunk.subarray(taken, lf), CARRIAGE_RETURN);
        taken = lf;
      }
      this.#noteStatus(chunk, line, lf);
      const length = this.#held + lf - line - (before === CR ? 1 : 0);
      this.#endLine(length === 0);
      line = lf + 1;
    }
    if (this.#isHead) {
      this.#noteStatus(chunk, line, chunk.length);
      this.#held += chunk.length - line;
      this.#before = chunk[chunk.length - 1] ?? this.#before;
    }
    return parts.length === 0 ? chunk : Buffer.concat([...parts, chunk.subarray(taken)]);
  }

  #noteStatus(chunk: Buffer, from: number, to: number): void {
    const missing = STATUS_LENGTH - this.#status.length;
    if (this.#isStatusLine && missing > 0) this.#status += chunk.toString('latin1', from, Math.min(to, from + missing));
  }

  #endLine(isEmpty: boolean): void {
    this.#held = 0;
    if (this.#isStatusLine) {
      this.#isInterim = INTERIM.test(this.#status);
      this.#status = '';
      this.#isStatusLine = isEmpty; // an empty line before it counts for nothing
    } else if (isEmpty) {
      this.#isHead = this.#isInterim;
      this.#isStatusLine = true;
    }
  }
}
