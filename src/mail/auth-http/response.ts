// The auth server's reply: a status line that is skipped, and headers, in at most 1024 bytes or what is configured.
import { ownCopy } from '../../core/own-copy.ts';
import { wipe } from '../../core/wipe.ts';
import type { BodyFraming } from './body-end.ts';
import { noReply, takeHeader } from './reply.ts';

/** As in nginx: status line and headers with the empty line that ends them. */
export const MAX_RESPONSE = 1024;

const LF = 10;
const CR = 13;
const SP = 32;
const COLON = 58;
const HTTP = Buffer.from('HTTP/');
const EMPTY = Buffer.alloc(0);

const St = {
  start: 0,
  status: 1,
  statusCr: 2,
  line: 3,
  name: 4,
  colon: 5,
  value: 6,
  valueCr: 7,
  endCr: 8,
} as const;

export type ResponseState = 'again' | 'done' | 'too-long' | 'invalid-response' | 'invalid-header';

export class AuthResponseParser {
  readonly reply = noReply();
  readonly #keeps: ReadonlySet<string> | undefined;
  readonly #max: number;
  /** The first chunk itself, which is mostly all there is; where more is to come, a copy with room for that. */
  #data: Buffer = EMPTY;
  #last = 0;
  #pos = 0;
  #state: number = St.start;
  #nameStart = 0;
  #nameEnd = 0;
  #valueStart = 0;
  #valueEnd = 0;
  /** How many bytes of the last chunk were looked at. */
  #taken = 0;
  #closes = false;
  #chunked = false;
  #length: number | undefined;

  /**
   * @param keeps names in lower case, with underscores for hyphens, of headers that variables are about
   * @param max bytes of status line and headers
   */
  constructor(keeps?: ReadonlySet<string>, max = MAX_RESPONSE) {
    this.#keeps = keeps;
    this.#max = max;
  }

  /** Once it is `done`: of the status line, if there is one. */
  get status(): number | undefined {
    const [, status] = ANY_STATUS_LINE.exec(this.#data.toString('latin1', 0, STATUS_LENGTH)) ?? [];
    return status === undefined ? undefined : Number(status);
  }

  /** Once it is `done`: where in the last chunk the body begins. */
  get bodyStart(): number {
    return this.#taken - (this.#last - this.#pos - 1);
  }

  /** Once it is `done`: what is said about the body. */
  get framing(): BodyFraming {
    const [, status] = STATUS_LINE.exec(this.#data.toString('latin1', 0, STATUS_LENGTH)) ?? [];
    const bodiless = status === '204' || status === '304';
    const length = bodiless ? 0 : this.#length;
    const closes = this.#closes || status === undefined || (length === undefined && !this.#chunked);
    return { closes, chunked: this.#chunked && !bodiless, length: length ?? 0 };
  }

  /** Takes the next bytes. After anything but `again` the parser is used up, and the last chunk still in use. */
  feed(chunk: Buffer): ResponseState {
    const isFirst = this.#last === 0;
    const n = Math.min(chunk.length, this.#max - this.#last);
    if (isFirst) this.#data = chunk;
    else chunk.copy(this.#data, this.#last, 0, n);
    this.#last += n;
    this.#taken = n;
    const state = this.#parse();
    if (state !== 'again') return state;
    if (this.#last === this.#max) return 'too-long';
    if (isFirst) {
      this.#data = Buffer.allocUnsafeSlow(this.#max);
      chunk.copy(this.#data);
    }
    return 'again';
  }

  /** Overwrites what was read: it may hold a password. `reply` keeps its own. */
  wipe(): void {
    wipe(this.#data, this.#last);
  }

  #parse(): ResponseState {
    const data = this.#data;
    while (this.#pos < this.#last) {
      const at = this.#pos;
      const c = data[at];
      switch (this.#state) {
        case St.start:
          if (this.#last < HTTP.length && HTTP.compare(data, 0, this.#last, 0, this.#last) === 0) return 'again';
          this.#state = data.subarray(0, HTTP.length).equals(HTTP) ? St.status : St.line;
          continue;
        case St.status:
          if (c === CR) this.#state = St.statusCr;
          else if (c === LF) this.#state = St.line;
          break;
        case St.statusCr:
          if (c !== LF) return 'invalid-response';
          this.#state = St.line;
          break;
        case St.line:
          if (c === LF) return 'done';
          if (c === CR) this.#state = St.endCr;
          else if (isNameByte(c) && c !== 0x2d) {
            this.#nameStart = at;
            this.#state = St.name;
          } else return 'invalid-header';
          break;
        case St.name:
          if (isNameByte(c)) break;
          this.#nameEnd = at;
          this.#valueStart = at;
          this.#valueEnd = at;
          if (c === COLON) this.#state = St.colon;
          else if (c === CR) this.#state = St.valueCr;
          else if (c === LF) this.#header();
          else return 'invalid-header';
          break;
        case St.colon:
          if (c === SP) break;
          this.#valueStart = at;
          this.#valueEnd = at;
          this.#state = St.value;
          continue;
        case St.value:
          if (c === CR) this.#state = St.valueCr;
          else if (c === LF) this.#header();
          else if (c !== SP) this.#valueEnd = at + 1;
          break;
        case St.valueCr:
          if (c !== LF) return 'invalid-header';
          this.#header();
          break;
        default: // St.endCr
          return c === LF ? 'done' : 'invalid-header';
      }
      this.#pos++;
    }
    return 'again';
  }

  #header(): void {
    this.#state = St.line;
    const name = this.#data.toString('latin1', this.#nameStart, this.#nameEnd).toLowerCase();
    if (this.#keeps !== undefined) this.#keep(this.#keeps, name.replaceAll('-', '_'));
    if (name.startsWith('auth-')) takeHeader(this.reply, name, this.#data.subarray(this.#valueStart, this.#valueEnd));
    else this.#frame(name);
  }

  #keep(keeps: ReadonlySet<string>, name: string): void {
    if (!keeps.has(name)) return;
    this.reply.kept ??= new Map();
    this.reply.kept.set(name, ownCopy(this.#data.subarray(this.#valueStart, this.#valueEnd)));
  }

  /** Anything out of the ordinary means that the connection is not used again. */
  #frame(name: string): void {
    if (name !== 'connection' && name !== 'content-length' && name !== 'transfer-encoding') return;
    const value = this.#data.toString('latin1', this.#valueStart, this.#valueEnd).toLowerCase();
    if (name === 'connection') this.#closes ||= value !== 'keep-alive';
    else if (this.#chunked || this.#length !== undefined) this.#closes = true;
    else if (name === 'transfer-encoding') {
      this.#chunked = true;
      this.#closes ||= value !== 'chunked';
    } else {
      this.#length = Number(value);
      this.#closes ||= !/^\d{1,9}$/.test(value);
    }
  }
}

const STATUS_LENGTH = 12;
const ANY_STATUS_LINE = /^HTTP\/\d\.\d (\d{3})/;
/** 1xx announces another answer, which nobody has asked for. */
const STATUS_LINE = /^HTTP\/1\.[1-9] ([2-5]\d\d)/;

function isNameByte(c: number | undefined): boolean {
  if (c === undefined) return false;
  const lower = c | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (c >= 0x30 && c <= 0x39) || c === 0x2d;
}
