// The variables of a block: those of the modules, and those that set, map, geo and regular expressions make.
import { type ByteString, type Fault, whole } from '../conf/directive.ts';
import { Level } from '../core/log.ts';
import { LogLine } from '../core/log-line.ts';
import type { Subject } from './subject.ts';

/** undefined: there is no value, which a log shows as `-`. */
export type Getter<S> = (subject: S) => ByteString | undefined;

/** Adds the value to a line of a log. @returns false: there is none */
export type Writer<S> = (subject: S, line: LogLine) => boolean;

/** A value that logs write without a string of it being made. */
export function written<S>(write: Writer<S>): { readonly write: Writer<S>; readonly get: Getter<S> } {
  const line = new LogLine();
  return {
    write,
    get: (subject) => {
      line.clear(); // what a long one took
      return write(subject, line) ? line.since(0) : undefined;
    },
  };
}

interface OneVariable<S> {
  /** Without the `$`, lower case. */
  readonly name: string;
  readonly prefix?: undefined;
  readonly get: Getter<S>;
  /** The same for logs; the variable has to be volatile. */
  readonly write?: Writer<S>;
  /** Asked anew each time; other values are kept with the subject. */
  readonly volatile?: true;
  /** Printable ASCII without quotes and backslashes, whatever anybody sends: no log has to escape it. */
  readonly safe?: true;
  /** A directive may give it another meaning. */
  readonly changeable?: true;
  /** What `set` does with it; without it, and unless it is changeable, a variable of that name is a duplicate. */
  readonly set?: (subject: S, value: ByteString) => void;
}

interface ManyVariables<S> {
  /** With a final `_`: the beginning of their names, which are found by what follows. */
  readonly name: string;
  readonly prefix: true;
  readonly get: (subject: S, rest: string) => ByteString | undefined;
  /** What may follow; left out: anything. */
  readonly allows?: (rest: string) => boolean;
}

export type VariableSpec<S> = OneVariable<S> | ManyVariables<S>;

/** How many more variables may be made of each other: a block's maps may name each other in a circle. */
interface Nesting {
  left: number;
}

const MAX_NESTING = 100;

/** One variable; the same object wherever it is named. */
export class Variable<S extends Subject> {
  readonly name: string;
  get: Getter<S> | undefined;
  set: ((subject: S, value: ByteString) => void) | undefined;
  volatile = false;
  /** Something in the configuration names it. */
  isUsed = false;
  /** Another directive may give it another meaning; so it is with all that the configuration makes. */
  changeable = false;
  /** Volatile, made of no other variable, and nothing may give it another value. */
  isPlain = false;
  /** No value has anything to escape. */
  isSafe = false;
  /** Of a plain one; undefined: its text is written. */
  writer: Writer<S> | undefined;
  readonly #nesting: Nesting;

  constructor(name: string, nesting: Nesting) {
    this.name = name;
    this.#nesting = nesting;
  }

  /** Its value; kept with the subject, unless it is volatile. */
  of(subject: S): ByteString | undefined {
    if (this.isPlain) return this.get?.(subject);
    const { values } = subject;
    if (values.has(this)) return values.get(this);
    const nesting = this.#nesting;
    if (nesting.left === 0) {
      subject.log.write(Level.error, `cycle while evaluating variable "${this.name}"`, subject);
      return undefined;
    }
    nesting.left--;
    try {
      const value = this.get?.(subject);
      if (!this.volatile) values.set(this, value);
      return value;
    } finally {
      nesting.left++;
    }
  }

  /** @returns false: it has no value */
  write(subject: S, line: LogLine): boolean {
    if (this.writer !== undefined) return this.writer(subject, line);
    const value = this.of(subject);
    if (value === undefined) return false;
    line.text(value);
    return true;
  }

  assign(subject: S, value: ByteString): void {
    if (this.set !== undefined) this.set(subject, value);
    else subject.values.set(this, value);
  }
}

export class Variables<S extends Subject> {
  readonly #all = new Map<string, Variable<S>>();
  readonly #prefixes: ManyVariables<S>[] = [];
  #late: (() => readonly VariableSpec<S>[]) | undefined;
  readonly #nesting: Nesting = { left: MAX_NESTING };

  /** @param late variables that are there from the beginning, for when the first one is named */
  constructor(late?: () => readonly VariableSpec<S>[]) {
    this.#late = late;
  }

  /** Something in the configuration names a variable. */
  get isUsed(): boolean {
    return [...this.#all.values()].some(({ isUsed }) => isUsed);
  }

  /** A variable of a module. */
  provide(spec: VariableSpec<S>): void {
    if (spec.prefix) {
      this.#prefixes.push(spec);
      return;
    }
    const variable = this.#named(spec.name);
    variable.get = spec.get;
    variable.set = spec.set;
    variable.volatile = spec.volatile ?? false;
    variable.changeable = spec.changeable ?? false;
    const isFixed = !variable.changeable && variable.set === undefined;
    variable.isPlain = variable.volatile && isFixed;
    variable.writer = variable.isPlain ? spec.write : undefined;
    variable.isSafe = isFixed && spec.safe === true;
  }

  /** For a use of the name; whether anything gives it a value is checked by `unknown` when all has been read. */
  reference(name: ByteString): Variable<S> {
    const variable = this.#named(name);
    variable.isUsed = true;
    return variable;
  }

  /** Something gives it a value, as far as the configuration is read. */
  knows(name: ByteString): boolean {
    this.#load();
    const variable = this.#all.get(name.toLowerCase()) ?? new Variable<S>(name.toLowerCase(), this.#nesting);
    return variable.get !== undefined || this.#prefix(variable) !== undefined;
  }

  /** What follows the prefix in the names of variables that are used. */
  restsOf(prefix: string): readonly string[] {
    const used = [...this.#all.values()].filter(({ name, isUsed }) => isUsed && name.startsWith(prefix));
    return used.map(({ name }) => name.slice(prefix.length));
  }

  /**
   * A variable that a directive makes. The getter of a later directive counts; without one the variable is empty until
   * something sets it.
   */
  define(name: ByteString, get?: Getter<S>, volatile = false): Variable<S> | Fault {
    if (get === undefined) return this.assignable(name, nothing);
    const variable = this.reference(name);
    if (variable.get !== undefined && !variable.changeable && variable.set === undefined) return duplicate(name);
    variable.changeable = true;
    variable.get = get;
    variable.volatile = volatile;
    return variable;
  }

  /** @param unset what it is until something gives it a value, where it has no other meaning */
  assignable(name: ByteString, unset: Getter<S>): Variable<S> | Fault {
    const variable = this.reference(name);
    if (variable.get !== undefined) {
      return variable.changeable || variable.set !== undefined ? variable : duplicate(name);
    }
    if (this.#prefix(variable) === undefined) variable.get = unset;
    variable.changeable = true;
    return variable;
  }

  /** Gives names with a known prefix their getters. @returns a name that nothing gives a value */
  unknown(): string | undefined {
    for (const variable of this.#all.values()) {
      if (variable.get !== undefined) continue;
      const spec = this.#prefix(variable);
      if (spec === undefined) return variable.name;
      const rest = variable.name.slice(spec.name.length);
      variable.get = (subject) => spec.get(subject, rest);
      variable.volatile = true;
    }
    return undefined;
  }

  #load(): void {
    const specs = this.#late?.();
    this.#late = undefined;
    for (const spec of specs ?? []) this.provide(spec);
  }

  #named(name: ByteString): Variable<S> {
    if (this.#late !== undefined) this.#load();
    const key = name.toLowerCase();
    const variable = this.#all.get(key) ?? new Variable<S>(key, this.#nesting);
    this.#all.set(key, variable);
    return variable;
  }

  #prefix({ name }: Variable<S>): ManyVariables<S> | undefined {
    const spec = this.#prefixes.find((known) => name.startsWith(known.name));
    return spec?.allows?.(name.slice(spec.name.length)) === false ? undefined : spec;
  }
}

const duplicate = (name: ByteString): Fault => whole(`the duplicate "${name}" variable`);
const nothing = (): undefined => undefined;
