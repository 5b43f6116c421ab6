// Command lines of POP3 and SMTP (RFC 1939 section 3, RFC 5321 section 4.1) as nginx reads them: a word of
// letters, then arguments between spaces, with nothing that quotes.

import type { LineBuffer } from '../../net/line-buffer.ts';
import { Arguments } from './arguments.ts';
import { CR, endsWord, isLetter, LF, SP, skipLine } from './line-scan.ts';
import { Parse } from './parse.ts';
import type { VerbTable } from './verb-table.ts';

export interface WordGrammar<Command extends number> {
  readonly verbs: VerbTable<Command>;
  readonly maxArgs: number;
  /** Commands whose only argument runs from its first byte to the end of the line, spaces included. */
  readonly wholeLine: readonly Command[];
}

const State = {
  start: 0,
  command: 1,
  spaces: 2,
  argument: 3,
  lineFeed: 4,
  invalid: 5,
} as const;
type State = (typeof State)[keyof typeof State];

/** Holds offsets into the line buffer only: they are valid until the next parse or until the buffer starts over. */
export class WordParser<Command extends number> {
  /** The command word of the line; undefined until it is complete and known. */
  command: Command | undefined;
  /** Where the line at hand begins; after `ok` and `invalid` it ends at `b.pos`. */
  lineStart = 0;
  /** The command as typed ends here: with its last argument, before trailing spaces. It begins at `lineStart`. */
  cmdEnd = 0;
  readonly args: Arguments;
  readonly #grammar: WordGrammar<Command>;
  #state: State = State.start;
  #wholeLine = false;

  constructor(grammar: WordGrammar<Command>) {
    this.#grammar = grammar;
    this.args = new Arguments(grammar.maxArgs);
  }

  /** Goes on from `b.pos` with a command line. */
  parse(b: LineBuffer): Parse {
    if (this.#state === State.start && b.pos < b.last) {
      this.command = undefined;
      this.#begin(b.pos, State.command);
    }
    return this.#scan(b);
  }

  /**
   * Goes on from `b.pos` with a line that answers a SASL prompt. `command` stays. The first argument begins
   * with the line, so that it is empty where the line is empty or begins with a space.
   */
  parseContinuation(b: LineBuffer): Parse {
    if (this.#state === State.start && b.pos < b.last) this.#begin(b.pos, State.argument);
    return this.#scan(b);
  }

  /** A view of the command as typed, from its first letter to the end of its last argument. */
  typed(b: LineBuffer): Buffer {
    return b.data.subarray(this.lineStart, this.cmdEnd);
  }

  /** Forgets everything, a line that was read in part too. */
  reset(): void {
    this.command = undefined;
    this.#begin(0, State.start);
  }

  #begin(at: number, state: State): void {
    this.lineStart = at;
    this.cmdEnd = at;
    this.args.clear(at);
    this.#wholeLine = false;
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
        case State.command:
          if (isLetter(ch)) continue;
          if (!endsWord(ch) || !this.#endCommand(d, p)) break scan;
          break;
        case State.spaces:
          if (ch === SP) continue;
          if (ch === CR || ch === LF) break;
          if (this.args.full) break scan;
          this.args.start = p;
          st = State.argument;
          continue;
        case State.argument:
          if (!endsWord(ch) || (ch === SP && this.#wholeLine)) continue;
          this.args.end(p);
          this.cmdEnd = p;
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
    const ended = skipLine(b, p);
    this.#state = ended ? State.start : State.invalid;
    return ended ? Parse.invalid : Parse.again;
  }

  #endCommand(d: Buffer, end: number): boolean {
    const command = this.#grammar.verbs.find(d, this.lineStart, end);
    if (command === undefined) return false;
    this.command = command;
    this.cmdEnd = end;
    this.#wholeLine = this.#grammar.wholeLine.includes(command);
    return true;
  }
}
