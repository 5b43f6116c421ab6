// The head of an IMAP literal, `{n}` or `{n+}` with the line's end (RFC 3501 section 9, RFC 7888), as nginx reads it.
import { CR, isDigit, LF } from '../command/line-scan.ts';
import { LiteralSize } from './literal-size.ts';

const PLUS = 0x2b;
const CLOSE = 0x7d;

const State = { size: 0, plus: 1, lineEnd: 2 } as const;
type State = (typeof State)[keyof typeof State];

export const Head = { more: 0, complete: 1, invalid: 2 } as const;
export type Head = (typeof Head)[keyof typeof Head];

export class LiteralHead {
  /** Without the `+`: the client waits until it is asked for the literal's bytes. */
  synchronizing = true;
  readonly #size = new LiteralSize();
  #state: State = State.size;

  /** Bytes of the literal. */
  get size(): number {
    return this.#size.value;
  }

  /** To be called at the `{`. */
  begin(): void {
    this.synchronizing = true;
    this.#size.clear();
    this.#state = State.size;
  }

  /** Takes one byte behind the `{`. */
  take(ch: number): Head {
    switch (this.#state) {
      case State.size:
        if (isDigit(ch)) return this.#size.digit(ch) ? Head.more : Head.invalid;
        if (ch === PLUS) {
          this.synchronizing = false;
          this.#state = State.plus;
        } else if (ch === CLOSE) {
          this.#state = State.lineEnd;
        } else return Head.invalid;
        return Head.more;
      case State.plus:
        if (ch !== CLOSE) return Head.invalid;
        this.#state = State.lineEnd;
        return Head.more;
      case State.lineEnd:
        if (ch === CR) return Head.more;
        return ch === LF ? Head.complete : Head.invalid;
      default:
        return this.#state satisfies never;
    }
  }
}

/** Whether the line that ends with the LF at `lf` ends in `+}`. nginx does not look within the first bytes. */
export function endsInLiteral(d: Buffer, lf: number): boolean {
  if (lf <= 4) return false;
  const end = d[lf - 1] === CR ? lf - 1 : lf;
  return d[end - 1] === CLOSE && d[end - 2] === PLUS;
}
