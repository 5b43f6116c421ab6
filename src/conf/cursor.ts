// Where a parse stands: one block of one file, and the structs that its directives fill.
import {
  at,
  type ByteString,
  type ConfCursor,
  type ContextName,
  type EntryHandler,
  type Environment,
  type Position,
} from './directive.ts';
import type { Parser } from './parser.ts';
import type { Store } from './store.ts';

/** Runs the statements of a block or file to its end. */
export type RunBlock = (cursor: Cursor) => void;

export class Cursor implements ConfCursor {
  readonly env: Environment;
  readonly parser: Parser;
  readonly context: ContextName;
  readonly store: Store;
  readonly #run: RunBlock;
  readonly #noEffect: Map<string, string>;
  /** Where the block holds free entries in place of directives. */
  readonly entry: EntryHandler | undefined;

  /** @param noEffect what `noEffect` adds to */
  constructor(
    env: Environment,
    parser: Parser,
    context: ContextName,
    store: Store,
    run: RunBlock,
    noEffect = new Map<string, string>(),
    entry?: EntryHandler,
  ) {
    this.entry = entry;
    this.env = env;
    this.parser = parser;
    this.context = context;
    this.store = store;
    this.#run = run;
    this.#noEffect = noEffect;
  }

  get position(): Position {
    return this.parser.position;
  }

  warn(text: ByteString): void {
    this.env.report('warn', text + at(this.position));
  }

  noEffect(name: string, why: string): void {
    this.#noEffect.set(name, why);
  }

  block(context: ContextName, store: Store): void {
    this.#run(new Cursor(this.env, this.parser, context, store, this.#run, this.#noEffect));
  }

  entries(entry: EntryHandler): void {
    this.#run(new Cursor(this.env, this.parser, this.context, this.store, this.#run, this.#noEffect, entry));
  }

  /** Goes on in another file, as if its text stood here. */
  includeFile(parser: Parser): void {
    this.#run(new Cursor(this.env, parser, this.context, this.store, this.#run, this.#noEffect, this.entry));
  }

  confPath(name: ByteString): ByteString {
    return name.startsWith('/') ? name : this.env.confPrefix + name;
  }

  prefixPath(name: ByteString): ByteString {
    return name.startsWith('/') ? name : this.env.prefix + name;
  }
}
