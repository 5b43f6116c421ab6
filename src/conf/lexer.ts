// The tokenizer of nginx's configuration language: bytes to words and punctuation, byte for byte as nginx reads them.
import { type ByteString, ConfError, type Position } from './directive.ts';

export type Token =
  | { readonly kind: 'word'; readonly text: ByteString }
  | { readonly kind: ';' }
  | { readonly kind: '{' }
  | { readonly kind: '}' }
  | { readonly kind: 'end' };

/** nginx reads files through a buffer of this size, which bounds words and comments. */
const BUFFER_SIZE = 4096;

const LF = 0x0a;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const HASH = 0x23;
const DOLLAR = 0x24;
const CLOSE_PAREN = 0x29;
const SEMICOLON = 0x3b;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === LF;

const SEMICOLON_TOKEN: Token = { kind: ';' };
const OPEN_TOKEN: Token = { kind: '{' };
const CLOSE_TOKEN: Token = { kind: '}' };
const END_TOKEN: Token = { kind: 'end' };

/** Reads one file, or the -g string where `file` is undefined: that has neither limits nor files to end. */
export class Lexer {
  readonly #data: Buffer;
  readonly #file: ByteString | undefined;
  #pos = 0;
  #line = 1;

  constructor(data: Buffer, file: ByteString | undefined) {
    this.#data = data;
    this.#file = file;
  }

  /** The line that the last byte read left us on. */
  get position(): Position {
    return { file: this.#file, line: this.#line };
  }

  /** @throws ConfError when the input breaks the rules of words and comments. */
  next(): Token {
    this.#skip();
    switch (this.#data[this.#pos]) {
      case undefined:
        return END_TOKEN;
      case SEMICOLON:
        this.#pos++;
        return SEMICOLON_TOKEN;
      case OPEN_BRACE:
        this.#pos++;
        return OPEN_TOKEN;
      case CLOSE_BRACE:
        this.#pos++;
        return CLOSE_TOKEN;
      case QUOTE:
      case APOSTROPHE:
        return this.#quoted();
      default:
        return this.#unquoted();
    }
  }

  /** The end of input where a directive is not finished. */
  unfinished(): ConfError {
    const what = this.#file === undefined ? 'parameter, expecting ";"' : 'file, expecting ";" or "}"';
    return new ConfError(`unexpected end of ${what}`, this.position);
  }

  /** White space and comments. */
  #skip(): void {
    for (;;) {
      const byte = this.#data[this.#pos];
      if (isSpace(byte)) this.#step();
      else if (byte === HASH) this.#comment();
      else return;
    }
  }

  #comment(): void {
    const start = this.#pos;
    while (this.#pos < this.#data.length) {
      if (this.#step() === LF) return;
      this.#checkLength(start, this.#line);
    }
  }

  #unquoted(): Token {
    const start = this.#pos;
    const line = this.#line;
    let afterDollar = false;
    for (;;) {
      const byte = this.#data[this.#pos];
      if (byte === undefined) throw this.unfinished();
      if (isSpace(byte) || byte === SEMICOLON || (byte === OPEN_BRACE && !afterDollar)) break;
      afterDollar = byte === DOLLAR;
      this.#step();
      this.#checkLength(start, line);
      if (byte === BACKSLASH) this.#escaped(start, line);
    }
    const text = this.#text(start, this.#pos);
    this.#spaceAfter(start, line);
    return { kind: 'word', text: replaceEscapes(text) };
  }

  #quoted(): Token {
    const line = this.#line;
    const quote = this.#step();
    const start = this.#pos;
    for (;;) {
      const byte = this.#step();
      if (byte === undefined) throw this.unfinished();
      if (byte === quote) break;
      this.#checkLength(start, line, quote);
      if (byte === BACKSLASH) this.#escaped(start, line, quote);
    }
    const text = this.#text(start, this.#pos - 1);
    this.#checkLength(start, line);
    this.#checkQuoteEnd();
    this.#spaceAfter(start, line);
    return { kind: 'word', text: replaceEscapes(text) };
  }

  /** The byte behind a backslash has no meaning of its own. */
  #escaped(start: number, line: number, quote?: number): void {
    if (this.#step() === undefined) throw this.unfinished();
    this.#checkLength(start, line, quote);
  }

  #checkQuoteEnd(): void {
    const byte = this.#data[this.#pos];
    if (byte === undefined) throw this.unfinished();
    if (isSpace(byte) || byte === SEMICOLON || byte === OPEN_BRACE || byte === CLOSE_PAREN) return;
    throw new ConfError(`unexpected "${String.fromCharCode(byte)}"`, this.position);
  }

  /** White space that ends a word still counts as part of it: nginx forgets the start of a word one byte later. */
  #spaceAfter(start: number, line: number): void {
    if (!isSpace(this.#data[this.#pos])) return;
    this.#step();
    this.#checkLength(start, line);
  }

  #step(): number | undefined {
    const byte = this.#data[this.#pos];
    if (byte === undefined) return undefined;
    this.#pos++;
    if (byte === LF) this.#line++;
    return byte;
  }

  /** nginx finds a full buffer only when it wants more data: a word that ends the file may be longer. */
  #checkLength(start: number, line: number, quote?: number): void {
    const full = this.#pos - start >= BUFFER_SIZE && this.#pos < this.#data.length;
    if (!full || this.#file === undefined) return;
    throw new ConfError(
      quote === undefined
        ? `too long parameter "${this.#text(start, start + 10)}..." started`
        : `too long parameter, probably missing terminating "${String.fromCharCode(quote)}" character`,
      { file: this.#file, line },
    );
  }

  #text(start: number, end: number): ByteString {
    return this.#data.toString('latin1', start, end);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\"': '"',
  "\\'": "'",
  '\\\\': '\\',
  '\\t': '\t',
  '\\r': '\r',
  '\\n': '\n',
};

/** Every other pair keeps its backslash. */
function replaceEscapes(raw: ByteString): ByteString {
  return raw.includes('\\') ? raw.replace(/\\./gs, (pair) => ESCAPES[pair] ?? pair) : raw;
}
