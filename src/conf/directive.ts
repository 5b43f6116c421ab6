// The directive table: one entry drives parsing, the messages of `-t`, the documentation and completion.
import type { Store } from './store.ts';

/**
 * Configuration text is bytes, as in nginx: every string read from a file, and every message made of it, holds
 * one byte per character (latin1). Convert to bytes with `Buffer.from(text, 'latin1')`, file names included.
 */
export type ByteString = string;

/** Where directives stand. */
export const CONTEXTS = [
  'main',
  'events',
  'mail',
  'mail.server',
  'mail.upstream',
  'mail.match',
  'http',
  'http.server',
  'http.location',
  'http.server.if',
  'http.location.if',
  'http.limit_except',
  'http.upstream',
] as const;
export type ContextName = (typeof CONTEXTS)[number];

/** How many arguments a directive takes, and whether a block follows. `max` Infinity means "or more". */
export type Arity =
  | { readonly kind: 'flag' }
  | { readonly kind: 'args'; readonly min: number; readonly max: number }
  | { readonly kind: 'block'; readonly min: number; readonly max: number };

/** Where the parser stands: `file` is undefined inside the -g string. Lines count from 1. */
export interface Position {
  readonly file: ByteString | undefined;
  readonly line: number;
}

/** What the documentation says of a directive, in our own words. */
export interface Doc {
  readonly syntax: string;
  readonly default?: string;
  readonly summary: string;
  /** Words that the value is chosen from; offered by completion. */
  readonly values?: readonly string[];
  /** Set where the directive is accepted but has no effect here: why. One `[notice]` at start names them all. */
  readonly noEffect?: string;
  /** Set where nginx has the directive and Postern has not: using it is an error, but perhaps for `off`. */
  readonly notImplemented?: 'at all' | 'but off';
  /** What a group of directives is for, which the documentation lists together. */
  readonly group?: string;
}

/** A refused value: the tail of `"name" directive …`, or, where `whole` is set, the whole message. */
export class Fault {
  readonly text: ByteString;
  readonly whole: boolean;
  constructor(text: ByteString, whole = false) {
    this.text = text;
    this.whole = whole;
  }
}

/** A whole message instead of the tail of one. */
export const whole = (text: ByteString): Fault => new Fault(text, true);

/** nginx cuts the text of a parse-time message, its suffix not counted. */
const MAX_TEXT = 1024;

/** A configuration that cannot be used. `position` undefined: the message carries no ` in FILE:LINE`. */
export class ConfError extends Error {
  readonly position: Position | undefined;
  readonly level: 'emerg' | 'crit';
  /** A help for people at a terminal, such as a likely spelling; no part of the message. */
  readonly hint: string | undefined;
  constructor(text: ByteString, position?: Position, level: 'emerg' | 'crit' = 'emerg', hint?: string) {
    super(position === undefined ? text : text.slice(0, MAX_TEXT));
    this.position = position;
    this.level = level;
    this.hint = hint;
  }

  /** The text of the log record: the message with its suffix. */
  get record(): ByteString {
    return this.position === undefined ? this.message : this.message + at(this.position);
  }
}

/** A message about what the system refused: the text is cut, and ended by `...`, to leave room for the reason. */
export function withReason(text: ByteString, fault: SystemFault): ByteString {
  const cut = text.length > MAX_TEXT - 50 ? `${text.slice(0, MAX_TEXT - 50)}...` : text;
  return `${cut} (${fault.errno}: ${fault.text ?? 'Unknown error'})`;
}

/** The suffix that nginx appends to parse-time messages: ` in FILE:LINE`, or ` in command line`. */
export function at(position: Position): ByteString {
  return position.file === undefined ? ' in command line' : ` in ${position.file}:${position.line}`;
}

/** An operation that the system refused: `errno` is positive. */
export interface SystemFault {
  readonly errno: number;
  /** As strerror says it. */
  readonly text?: string;
}

export type NameTest = (name: ByteString) => boolean;

/** What the evaluation needs from outside; conf itself does no I/O. */
export interface Environment {
  /** The whole file, or the errno; every file read through here is remembered (reload, -T, watching). */
  readFile(path: ByteString): Buffer | SystemFault;
  /**
   * Names in a directory in byte order, or the errno.
   * @param wanted which of them the caller is after: whoever watches the directory need not look at others
   */
  listDirectory(path: ByteString, wanted?: NameTest): readonly ByteString[] | SystemFault;
  /** Looks a name up as getaddrinfo does, blocking: IPs in the system's order, empty where there are none. */
  resolveHost(name: ByteString): readonly string[];
  /** `prefix` (with its final slash) is the base for pid and logs, `confPrefix` for includes and certificates. */
  readonly prefix: ByteString;
  readonly confPrefix: ByteString;
  /** A record of level warn or notice made while reading; the text already has its suffix. */
  report(level: 'warn' | 'notice', text: ByteString): void;
}

/** What a setter may ask of the running parse (nginx: ngx_conf_t). */
export interface ConfCursor {
  readonly env: Environment;
  readonly context: ContextName;
  readonly store: Store;
  /** The line of the terminator of the directive at hand; after `block` that of the closing brace. */
  readonly position: Position;
  /** Logs `text in FILE:LINE` at warn. */
  warn(text: ByteString): void;
  /** Notes that something accepted has no effect here, and why; one `[notice]` at start names it. */
  noEffect(name: string, why: string): void;
  /** Parses the block that follows the `{` just read, into `store`. Only for block directives. */
  block(context: ContextName, store: Store): void;
  /**
   * Reads the block that follows the `{` just read as a list of entries whose first word is free, as in `types` and
   * `map`. A cursor of its own tells the entry's position. `include` is followed; no block may stand inside.
   */
  entries(entry: EntryHandler): void;
  /** Relative to the directory of the main configuration file (certificates), or as given from `/`. */
  confPath(name: ByteString): ByteString;
  /** Relative to the prefix (pid, logs), or as given from `/`. */
  prefixPath(name: ByteString): ByteString;
}

/** Takes one entry, its first word included. @returns why it is refused */
export type EntryHandler = (cf: ConfCursor, words: readonly ByteString[]) => Fault | undefined;

/** A directive of a module whose struct is C. `set` returns undefined, or why the value is refused. */
export interface Directive<C> {
  readonly name: string;
  readonly contexts: readonly ContextName[];
  readonly arity: Arity;
  readonly doc: Doc;
  readonly set: (cf: ConfCursor, args: readonly ByteString[], conf: C) => Fault | undefined;
}

/** A directive tied to its module's struct: what the evaluation walks; every type parameter is closed over. */
export interface BoundDirective {
  readonly name: string;
  readonly contexts: readonly ContextName[];
  readonly arity: Arity;
  readonly doc: Doc;
  apply(cf: ConfCursor, args: readonly ByteString[]): Fault | undefined;
}

export const args = (min: number, max = min): Arity => ({
  kind: 'args',
  min,
  max,
});
export const flag: Arity = { kind: 'flag' };
export const block: Arity = { kind: 'block', min: 0, max: 0 };
