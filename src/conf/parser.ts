// Statements of a configuration, pulled one at a time: an early directive error wins over a later syntax error.
import { type ByteString, ConfError, type Position } from './directive.ts';
import { Lexer } from './lexer.ts';

export interface DirectiveStatement {
  readonly kind: 'directive';
  readonly name: ByteString;
  readonly args: readonly ByteString[];
  readonly terminator: ';' | '{';
  /** Of the terminator. */
  readonly line: number;
}

export type Statement = DirectiveStatement | { readonly kind: 'block-end' } | { readonly kind: 'eof' };

const BLOCK_END: Statement = { kind: 'block-end' };
const EOF: Statement = { kind: 'eof' };

/** Reads one file, or the -g string where `file` is undefined: that may hold no blocks. */
export class Parser {
  readonly #lexer: Lexer;
  readonly #file: ByteString | undefined;
  #depth = 0;

  constructor(data: Buffer, file: ByteString | undefined) {
    this.#lexer = new Lexer(data, file);
    this.#file = file;
  }

  get position(): Position {
    return this.#lexer.position;
  }

  /** @throws ConfError where the input breaks the grammar. */
  next(): Statement {
    const words: ByteString[] = [];
    for (;;) {
      const token = this.#lexer.next();
      switch (token.kind) {
        case 'word':
          words.push(token.text);
          continue;
        case 'end':
          return this.#end(words);
        case '}':
          if (words.length > 0 || this.#depth === 0) throw this.#unexpected('}');
          this.#depth--;
          return BLOCK_END;
        default:
          return this.#directive(words, token.kind);
      }
    }
  }

  #directive([name, ...args]: readonly ByteString[], terminator: ';' | '{'): Statement {
    if (name === undefined) throw this.#unexpected(terminator);
    if (terminator === '{') {
      if (this.#file === undefined) {
        throw new ConfError('block directives are not supported in -g option', this.position);
      }
      this.#depth++;
    }
    return {
      kind: 'directive',
      name,
      args,
      terminator,
      line: this.position.line,
    };
  }

  #end(words: readonly ByteString[]): Statement {
    if (words.length > 0) throw this.#lexer.unfinished();
    if (this.#depth > 0) throw new ConfError('unexpected end of file, expecting "}"', this.position);
    return EOF;
  }

  #unexpected(byte: string): ConfError {
    return new ConfError(`unexpected "${byte}"`, this.position);
  }
}
