// IMAP command lines before login (RFC 3501 section 9, RFC 7888): tag, word, and arguments as atoms, quoted
// strings or literals, as nginx reads them.

import type { LineBuffer } from '../../net/line-buffer.ts';
import { Arguments } from '../command/arguments.ts';
import { CR, endsWord, isLetter, isTagByte, LF, MAX_TAG, SP, skipLine } from '../command/line-scan.ts';
import { Parse } from '../command/parse.ts';
import { VerbTable } from '../command/verb-table.ts';
import { endsInLiteral, Head, LiteralHead } from './literal-head.ts';

export const ImapCommand = {
  noop: 1,
  login: 2,
  logout: 3,
  capability: 4,
  authenticate: 5,
  starttls: 6,
} as const;
export type ImapCommand = (typeof ImapCommand)[keyof typeof ImapCommand];

const VERBS = new VerbTable<ImapCommand>([
  ['NOOP', ImapCommand.noop],
  ['LOGIN', ImapCommand.login],
  ['LOGOUT', ImapCommand.logout],
  ['CAPABILITY', ImapCommand.capability],
  ['AUTHENTICATE', ImapCommand.authenticate],
  ['STARTTLS', ImapCommand.starttls],
]);

const MAX_ARGS = 3;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
/** A reply to a line without a tag begins so. */
const UNTAGGED = Buffer.from('* ');

const State = {
  start: 0,
  tag: 1,
  beforeWord: 2,
  word: 3,
  spaces: 4,
  atom: 5,
  quoted: 6,
  escaped: 7,
  literalHead: 8,
  literal: 9,
  afterLiteral: 10,
  lineFeed: 11,
  invalid: 12,
} as const;
type State = (typeof State)[keyof typeof State];

/** Holds offsets into the line buffer only: they are valid until the next parse or until the buffer starts over. */
export class ImapParser {
  /** The command word of the line; undefined until it is complete and known. */
  command: ImapCommand | undefined;
  readonly args = new Arguments(MAX_ARGS);
  /** Where the command at hand begins, its literals included; after `ok` and `invalid` it ends at `b.pos`. */
  lineStart = 0;
  /** The tag with the space behind it. Equal offsets: no tag was recognised. */
  tagStart = 0;
  tagEnd = 0;
  /**
   * Set with `invalid`: the refused line ended with a literal that waits for no `+`, so that its bytes follow
   * at once. They cannot be told from commands: the connection has to close.
   */
  closeAfterInvalid = false;
  readonly #literal = new LiteralHead();
  #state: State = State.start;
  #wordStart = 0;
  /** Bytes of the literal that are still to come. */
  #missing = 0;
  #hasEscapes = false;

  /** Goes on from `b.pos` with a command. */
  parse(b: LineBuffer): Parse {
    if (this.#state === State.start && b.pos < b.last) {
      this.command = undefined;
      this.tagStart = b.pos;
      this.tagEnd = b.pos;
      this.#begin(b.pos, State.tag);
    }
    return this.#scan(b);
  }

  /**
   * Goes on from `b.pos` with a line that answers a SASL prompt. Tag and `command` stay. The first argument
   * begins with the line and is an atom whatever its first byte; those behind it are read as in a command.
   */
  parseContinuation(b: LineBuffer): Parse {
    if (this.#state === State.start && b.pos < b.last) this.#begin(b.pos, State.atom);
    return this.#scan(b);
  }

  /** What a tagged reply begins with: a view of the tag and its space, or `* `. */
  tag(b: LineBuffer): Buffer {
    return this.tagEnd > this.tagStart ? b.data.subarray(this.tagStart, this.tagEnd) : UNTAGGED;
  }

  /** Forgets everything, a command that was read in part too. */
  reset(): void {
    this.command = undefined;
    this.tagStart = 0;
    this.tagEnd = 0;
    this.#begin(0, State.start);
  }

  #begin(at: number, state: State): void {
    this.lineStart = at;
    this.args.clear(at);
    this.closeAfterInvalid = false;
    this.#state = state;
  }

  #scan(b: LineBuffer): Parse {
    const d = b.data;
    const last = b.last;
    let st: State = this.#state;
    let p = b.pos;
    scan: for (; p < last; p++) {
      const ch = d[p]!;
      switch (st) {
        case State.tag:
          if (ch === SP) {
            this.tagEnd = p + 1;
            st = State.beforeWord;
            continue;
          }
          if (!isTagByte(ch) || p - this.tagStart === MAX_TAG) break scan;
          continue;
        case State.beforeWord:
          if (ch === SP) continue;
          if (!isLetter(ch)) break scan;
          this.#wordStart = p;
          st = State.word;
          continue;
        case State.word:
          if (isLetter(ch)) continue;
          if (!endsWord(ch)) break scan;
          this.command = VERBS.find(d, this.#wordStart, p);
          if (this.command === undefined) break scan;
          break;
        case State.spaces:
          if (ch === SP) continue;
          if (ch === CR || ch === LF) break;
          if (this.args.full) break scan;
          st = this.#beginArgument(ch, p);
          continue;
        case State.atom:
          if (!endsWord(ch)) continue;
          this.args.end(p);
          break;
        case State.quoted:
          // A string that the line ends is refused, and nothing of it survives the line.
          if (ch === CR || ch === LF) break scan;
          if (ch === QUOTE) {
            this.args.end(this.#hasEscapes ? this.#unescape(d, p) : p);
            st = State.spaces;
          } else if (ch === BACKSLASH) {
            this.#hasEscapes = true;
            st = State.escaped;
          }
          continue;
        case State.escaped:
          if (ch === CR || ch === LF) break scan;
          st = State.quoted;
          continue;
        case State.literalHead: {
          const head = this.#literal.take(ch);
          if (head === Head.more) continue;
          if (head === Head.invalid) break scan;
          st = this.#beginLiteral(p + 1);
          if (!this.#literal.synchronizing) continue;
          this.#state = st;
          b.pos = p + 1;
          return Parse.literal;
        }
        case State.literal: {
          const taken = Math.min(this.#missing, last - p);
          this.#missing -= taken;
          if (this.#missing === 0) {
            this.args.end(p + taken);
            st = State.afterLiteral;
          }
          p += taken - 1;
          continue;
        }
        case State.afterLiteral:
          if (!endsWord(ch)) break scan;
          break;
        case State.lineFeed:
          if (ch === LF) break;
          break scan;
        default:
          break scan;
      }
      // Here a word has ended, or there is none: by a space or by the line's end.
      if (ch === LF) {
        this.#state = State.start;
        b.pos = p + 1;
        return Parse.ok;
      }
      st = ch === CR ? State.lineFeed : State.spaces;
    }
    if (p === last) {
      this.#state = st;
      b.pos = p;
      return Parse.again;
    }
    if (!skipLine(b, p)) {
      this.#state = State.invalid;
      return Parse.again;
    }
    this.#state = State.start;
    this.closeAfterInvalid = endsInLiteral(d, b.pos - 1);
    return Parse.invalid;
  }

  #beginArgument(ch: number, at: number): State {
    if (ch === QUOTE) {
      this.args.start = at + 1;
      this.#hasEscapes = false;
      return State.quoted;
    }
    this.args.start = at;
    if (ch !== OPEN) return State.atom;
    this.#literal.begin();
    return State.literalHead;
  }

  #beginLiteral(at: number): State {
    this.args.start = at;
    this.#missing = this.#literal.size;
    if (this.#missing > 0) return State.literal;
    this.args.end(at);
    return State.afterLiteral;
  }

  /** Moves the bytes of the quoted string that ends at `end` over its backslashes; returns the new end. */
  #unescape(d: Buffer, end: number): number {
    let to = this.args.start;
    for (let from = to; from < end; from++) {
      if (d[from] === BACKSLASH) from++;
      d[to++] = d[from]!;
    }
    return to;
  }
}
