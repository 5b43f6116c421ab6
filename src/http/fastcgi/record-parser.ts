// Reads FastCGI 1.0 records byte by byte, whatever the chunks. Nothing is kept: content is handed on as it comes.
import type { ByteString } from '../../conf/directive.ts';
import { HEADER_BYTES, REQUEST_ID, RecordType, VERSION } from './records.ts';

export interface RecordEvents {
  onStdout(content: Buffer): void;
  onStderr(content: Buffer): void;
  /** A record of the error output is over. */
  onStderrEnd(): void;
  /** The standard output is over, by an empty record. */
  onStdoutEnd(): void;
  /** The application has ended the request. */
  onEnd(): void;
}

const END_BODY_BYTES = 8;

export class RecordParser {
  readonly #events: RecordEvents;
  /** Of the header at hand. */
  #position = 0;
  #type = 0;
  #content = 0;
  #padding = 0;
  #isEmpty = false;
  #ended = false;
  #excess = false;

  constructor(events: RecordEvents) {
    this.#events = events;
  }

  /** The application has ended the request. */
  get hasEnded(): boolean {
    return this.#ended;
  }

  /** Bytes came behind that: the connection cannot be used again. */
  get hasExcess(): boolean {
    return this.#excess;
  }

  /** @returns what is wrong with the record, in nginx's words; the parser is used up then */
  feed(chunk: Buffer): ByteString | undefined {
    let at = 0;
    while (at < chunk.length) {
      if (this.#ended) {
        this.#excess = true;
        return undefined;
      }
      if (this.#position < HEADER_BYTES) {
        const fault = this.#header(chunk[at] ?? 0);
        if (fault !== undefined) return fault;
        at++;
      } else if (this.#content > 0) {
        const part = chunk.subarray(at, at + this.#content);
        at += part.length;
        this.#content -= part.length;
        if (this.#type === RecordType.stdout) this.#events.onStdout(part);
        else if (this.#type === RecordType.stderr) this.#events.onStderr(part);
      } else {
        const skipped = Math.min(this.#padding, chunk.length - at);
        at += skipped;
        this.#padding -= skipped;
      }
      if (this.#position === HEADER_BYTES && this.#content === 0 && this.#padding === 0) this.#finish();
    }
    return undefined;
  }

  #header(byte: number): ByteString | undefined {
    switch (this.#position++) {
      case 0:
        return byte === VERSION ? undefined : `upstream sent unsupported FastCGI protocol version: ${byte}`;
      case 1:
        this.#type = byte;
        if (byte === RecordType.stdout || byte === RecordType.stderr || byte === RecordType.end) return undefined;
        return `upstream sent invalid FastCGI record type: ${byte}`;
      case 2:
        return byte === REQUEST_ID >> 8 ? undefined : `upstream sent unexpected FastCGI request id high byte: ${byte}`;
      case 3:
        return byte === (REQUEST_ID & 0xff)
          ? undefined
          : `upstream sent unexpected FastCGI request id low byte: ${byte}`;
      case 4:
        this.#content = byte << 8;
        return undefined;
      case 5:
        this.#content |= byte;
        if (this.#type !== RecordType.end || this.#content === END_BODY_BYTES) {
          this.#isEmpty = this.#content === 0;
          return undefined;
        }
        return `upstream sent unexpected FastCGI end request length: ${this.#content}`;
      case 6:
        this.#padding = byte;
        return undefined;
      default:
        return undefined; // reserved
    }
  }

  #finish(): void {
    this.#position = 0;
    if (this.#type === RecordType.end) {
      this.#ended = true;
      this.#events.onEnd();
    } else if (this.#type === RecordType.stderr) this.#events.onStderrEnd();
    else if (this.#isEmpty) this.#events.onStdoutEnd();
  }
}
