// Slot builders: directives that put one value, or a list of values, into one field of a module's struct.
import {
  type Arity,
  args,
  type ByteString,
  type ConfCursor,
  type ContextName,
  type Directive,
  type Doc,
  Fault,
  flag,
  whole,
} from './directive.ts';
import { parseFlag, parseMsec, parseNumber, parseOffset, parseSec, parseSize, parseWord } from './values.ts';

/** Where a directive is allowed, and its documentation. */
export type Meta = { readonly contexts: readonly ContextName[] } & Doc;

/** The key is checked against the struct by contravariance: a wrong key or type does not compile. */
export type Slot<K extends string, V> = Directive<Record<K, V | undefined>>;

export interface Bounds {
  readonly min: number;
  /** No upper bound where it is left out. */
  readonly max?: number;
}

/** A single value: set twice in one block it "is duplicate". For values that no builder below covers. */
export function slot<K extends string, V>(
  name: string,
  key: K,
  arity: Arity,
  meta: Meta,
  parse: (values: readonly ByteString[], cf: ConfCursor) => V | Fault,
): Slot<K, V> {
  const { contexts, ...doc } = meta;
  return {
    name,
    contexts,
    arity,
    doc,
    set: (cf, values, conf) => {
      if (conf[key] !== undefined) return new Fault('is duplicate');
      const value = parse(values, cf);
      if (value instanceof Fault) return value;
      conf[key] = value;
      return undefined;
    },
  };
}

const one =
  <V>(parse: (text: ByteString) => V | undefined, fault: string) =>
  ([text = '']: readonly ByteString[]): V | Fault =>
    parse(text) ?? new Fault(fault);

/** Bytes: digits with `k` or `m`. */
export const sizeSlot = <K extends string>(name: string, key: K, meta: Meta): Slot<K, number> =>
  slot(name, key, args(1), meta, one(parseSize, 'invalid value'));

/** Bytes: digits with `k`, `m` or `g`. */
export const offsetSlot = <K extends string>(name: string, key: K, meta: Meta): Slot<K, number> =>
  slot(name, key, args(1), meta, one(parseOffset, 'invalid value'));

/** Milliseconds. */
export const msecSlot = <K extends string>(name: string, key: K, meta: Meta): Slot<K, number> =>
  slot(name, key, args(1), meta, one(parseMsec, 'invalid value'));

/** Seconds. */
export const secSlot = <K extends string>(name: string, key: K, meta: Meta): Slot<K, number> =>
  slot(name, key, args(1), meta, one(parseSec, 'invalid value'));

/** A number without sign or unit. */
export const numSlot = <K extends string>(name: string, key: K, meta: Meta, bounds?: Bounds): Slot<K, number> =>
  slot(name, key, args(1), meta, ([text = '']) => {
    const value = parseNumber(text);
    if (value === undefined) return new Fault('invalid number');
    if (bounds === undefined || (value >= bounds.min && value <= (bounds.max ?? value))) return value;
    return bounds.max === undefined
      ? whole(`value must be equal to or greater than ${bounds.min}`)
      : whole(`value must be between ${bounds.min} and ${bounds.max}`);
  });

/** `on` or `off`, kept as a boolean. */
export const flagSlot = <K extends string>(name: string, key: K, meta: Meta): Slot<K, boolean> =>
  slot<K, boolean>(
    name,
    key,
    flag,
    { values: ['on', 'off'], ...meta },
    ([text = '']) =>
      parseFlag(text) ?? whole(`invalid value "${text}" in "${name}" directive, it must be "on" or "off"`),
  );

export const stringSlot = <K extends string>(name: string, key: K, meta: Meta): Slot<K, ByteString> =>
  slot<K, ByteString>(name, key, args(1), meta, ([text = '']) => text);

/** A file, relative to the prefix. */
export const prefixPathSlot = <K extends string>(name: string, key: K, meta: Meta): Slot<K, ByteString> =>
  slot<K, ByteString>(name, key, args(1), meta, ([text = ''], cf) => cf.prefixPath(text));

/** One of a list of words, in upper or lower case. */
export const enumSlot = <K extends string, const V>(
  name: string,
  key: K,
  words: Readonly<Record<string, V>>,
  meta: Meta,
): Slot<K, V> =>
  slot<K, V>(
    name,
    key,
    args(1),
    { values: Object.keys(words), ...meta },
    ([text = '']) => parseWord(text, words) ?? whole(`invalid value "${text}"`),
  );

/** Words of a list, in upper or lower case; repeated directives add to the set. */
export function bitmaskSlot<K extends string, const V>(
  name: string,
  key: K,
  words: Readonly<Record<string, V>>,
  meta: Meta,
): Slot<K, Set<V>> {
  const { contexts, ...doc } = meta;
  return {
    name,
    contexts,
    arity: args(1, Number.POSITIVE_INFINITY),
    doc: { values: Object.keys(words), ...doc },
    set: (cf, values, conf) => {
      const set = conf[key] ?? new Set<V>();
      conf[key] = set;
      for (const text of values) {
        const value = parseWord(text, words);
        if (value === undefined) return whole(`invalid value "${text}"`);
        if (set.has(value)) cf.warn(`duplicate value "${text}"`);
        set.add(value);
      }
      return undefined;
    },
  };
}

/** Repeated directives of one argument add to a list. */
export const listSlot = <K extends string>(name: string, key: K, meta: Meta): Slot<K, ByteString[]> =>
  accumulate(name, key, args(1), meta, (list, [text = '']) => list.push(text));

/** One or more words; repeated directives add to the list. */
export const wordsSlot = <K extends string>(name: string, key: K, meta: Meta): Slot<K, ByteString[]> =>
  accumulate(name, key, args(1, Number.POSITIVE_INFINITY), meta, (list, values) => list.push(...values));

/** Repeated directives of a name and a value add to a list. */
export const keyvalSlot = <K extends string>(name: string, key: K, meta: Meta): Slot<K, [ByteString, ByteString][]> =>
  accumulate(name, key, args(2), meta, (list, [text = '', value = '']) => list.push([text, value]));

function accumulate<K extends string, V>(
  name: string,
  key: K,
  arity: Arity,
  meta: Meta,
  add: (list: V[], values: readonly ByteString[]) => void,
): Slot<K, V[]> {
  const { contexts, ...doc } = meta;
  return {
    name,
    contexts,
    arity,
    doc,
    set: (_cf, values, conf) => {
      const list = conf[key] ?? [];
      conf[key] = list;
      add(list, values);
      return undefined;
    },
  };
}
