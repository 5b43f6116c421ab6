// Reads a configuration: looks each directive up, checks it in nginx's order, runs its handler, follows includes.
import { type DirectiveEntry, INCLUDE, LOAD_MODULE, ModuleList } from './built-in.ts';
import { Cursor } from './cursor.ts';
import {
  type BoundDirective,
  type ByteString,
  ConfError,
  type Doc,
  type EntryHandler,
  type Environment,
  Fault,
  type Position,
  whole,
  withReason,
} from './directive.ts';
import { expandMask, isMask } from './glob.ts';
import { type DirectiveStatement, Parser } from './parser.ts';
import type { Store } from './store.ts';
import { nearestName } from './suggest.ts';

/** Every definition of each name; the first that is valid in a context is used there. */
export interface DirectiveIndex extends Iterable<readonly [string, readonly BoundDirective[]]> {
  get(name: string): readonly BoundDirective[] | undefined;
}

export interface EvaluateInput {
  readonly index: DirectiveIndex;
  readonly env: Environment;
  /** The structs of the main context. */
  readonly store: Store;
  /** The main file, as messages name it. */
  readonly file: ByteString;
  /** The text of -g. */
  readonly globalDirectives: ByteString;
}

export interface Evaluated {
  /** Configuration files by the name that they were opened under, in the order of their first reading. */
  readonly files: ReadonlyMap<ByteString, Buffer>;
  /** Directives in use that have no effect here, and why. */
  readonly noEffect: ReadonlyMap<string, string>;
}

/** Reads the -g string, then the file. @throws ConfError at the first error */
export function evaluate(input: EvaluateInput): Evaluated {
  const evaluation = new Evaluation(input);
  evaluation.readGlobalDirectives(input.globalDirectives);
  evaluation.readMainFile(input.file);
  return evaluation;
}

/** Deeper nesting of files can only be a loop that symbolic links hide. */
const MAX_DEPTH = 64;

const EISDIR = 21;

/** A directive of a module, or one of the language, which may ask more of the cursor. */
interface Runnable extends DirectiveEntry {
  apply(cf: Cursor, values: readonly ByteString[]): Fault | undefined;
}

class Evaluation implements Evaluated {
  readonly files = new Map<ByteString, Buffer>();
  readonly noEffect = new Map<string, string>();
  readonly #index: DirectiveIndex;
  readonly #env: Environment;
  readonly #store: Store;
  readonly #builtIn: ReadonlyMap<string, readonly Runnable[]>;
  readonly #modules = new ModuleList();
  /** Files being read, outermost first. */
  readonly #open: ByteString[] = [];

  constructor({ index, env, store }: EvaluateInput) {
    this.#index = index;
    this.#env = env;
    this.#store = store;
    this.#builtIn = new Map([
      [INCLUDE.name, [{ ...INCLUDE, apply: (cf, [name = '']) => this.#include(cf, name) }]],
      [
        LOAD_MODULE.name,
        [
          {
            ...LOAD_MODULE,
            apply: (cf, [name = '']) => this.#modules.load(cf.prefixPath(name)),
          },
        ],
      ],
    ]);
  }

  readGlobalDirectives(text: ByteString): void {
    this.#run(this.#mainCursor(new Parser(Buffer.from(text, 'latin1'), undefined)));
  }

  readMainFile(path: ByteString): void {
    this.#readFile(path, undefined, (parser) => this.#run(this.#mainCursor(parser)));
  }

  #mainCursor(parser: Parser): Cursor {
    return new Cursor(this.#env, parser, 'main', this.#store, (cursor) => this.#run(cursor), this.noEffect);
  }

  /** To the end of the block or file that the cursor stands in. */
  #run(cf: Cursor): void {
    for (let s = cf.parser.next(); s.kind === 'directive'; s = cf.parser.next()) {
      const fault = cf.entry === undefined ? this.#runDirective(cf, s) : this.#runEntry(cf, cf.entry, s);
      if (fault === undefined) continue;
      throw new ConfError(fault.whole ? fault.text : `"${s.name}" directive ${fault.text}`, cf.position);
    }
  }

  #runDirective(cf: Cursor, { name, args, terminator }: DirectiveStatement): Fault | undefined {
    const directive = this.#find(cf, name);
    if (directive instanceof Fault) return directive;
    const { arity, doc } = directive;
    if (isMissing(doc, args)) return whole(`"${name}" is not implemented in Postern`);
    if (arity.kind !== 'block' && terminator !== ';') return whole(`directive "${name}" is not terminated by ";"`);
    if (arity.kind === 'block' && terminator !== '{') return whole(`directive "${name}" has no opening "{"`);
    const [min, max] = arity.kind === 'flag' ? [1, 1] : [arity.min, arity.max];
    if (args.length < min || args.length > max) return whole(`invalid number of arguments in "${name}" directive`);
    if (doc.noEffect !== undefined) this.noEffect.set(name, doc.noEffect);
    if (arity.kind === 'block') this.#modules.close();
    return directive.apply(cf, args);
  }

  #runEntry(cf: Cursor, entry: EntryHandler, { name, args, terminator }: DirectiveStatement): Fault | undefined {
    if (terminator !== ';') return whole('unexpected "{"');
    if (name === INCLUDE.name && args.length === 1) return this.#include(cf, args[0] ?? '');
    return entry(cf, [name, ...args]);
  }

  /** @throws ConfError with a hint for an unknown name */
  #find(cf: Cursor, name: ByteString): Runnable | Fault {
    const definitions = this.#builtIn.get(name) ?? this.#index.get(name);
    if (definitions === undefined) {
      throw new ConfError(`unknown directive "${name}"`, cf.position, 'emerg', this.#hint(cf, name));
    }
    const directive = definitions.find((d) => d.contexts.includes(cf.context));
    return directive ?? whole(`"${name}" directive is not allowed here`);
  }

  #hint(cf: Cursor, name: ByteString): string | undefined {
    const known = [...this.#builtIn, ...this.#index].filter(([, all]) =>
      all.some((d) => d.contexts.includes(cf.context) && d.doc.notImplemented === undefined),
    );
    const near = nearestName(
      name,
      known.map(([candidate]) => candidate),
    );
    return near === undefined ? undefined : `did you mean "${near}"?`;
  }

  #include(cf: Cursor, name: ByteString): undefined {
    const path = cf.confPath(name);
    const { position } = cf;
    for (const file of isMask(path) ? expandMask(path, this.#env) : [path]) {
      this.#readFile(file, position, (parser) => cf.includeFile(parser));
    }
  }

  /** @param from where the including directive stands */
  #readFile(path: ByteString, from: Position | undefined, run: (parser: Parser) => void): void {
    if (this.#open.includes(path)) throw new ConfError(`configuration file "${path}" includes itself`, from);
    if (this.#open.length >= MAX_DEPTH) {
      throw new ConfError(`configuration files are nested too deep at "${path}"`, from);
    }
    const data = this.#env.readFile(path);
    if (!Buffer.isBuffer(data)) {
      if (data.errno === EISDIR) throw new ConfError(withReason(`pread() "${path}" failed`, data), undefined, 'crit');
      throw new ConfError(withReason(`open() "${path}" failed`, data), from);
    }
    if (!this.files.has(path)) this.files.set(path, data);
    this.#open.push(path);
    run(new Parser(data, path));
    this.#open.pop();
  }
}

/** nginx has the directive, Postern has not. */
const isMissing = ({ notImplemented }: Doc, values: readonly ByteString[]): boolean =>
  notImplemented === 'at all' || (notImplemented === 'but off' && (values.length !== 1 || values[0] !== 'off'));
