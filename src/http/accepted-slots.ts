// Slots of directives that are accepted and have no effect: each knows its type, so that bad values are refused.
import { type Arity, args, type ByteString, type ConfCursor, type Directive, Fault, whole } from '../conf/directive.ts';
import { flagSlot, type Meta, msecSlot, numSlot, offsetSlot, sizeSlot, slot } from '../conf/slots.ts';
import { parseNumber, parseSize } from '../conf/values.ts';

/** What was given, by the directive's name: each may stand once. */
export interface Accepted {
  readonly flags: Record<string, boolean | undefined>;
  readonly numbers: Record<string, number | undefined>;
  readonly words: Record<string, readonly ByteString[] | undefined>;
}

export const nothingAccepted = (): Accepted => ({ flags: {}, numbers: {}, words: {} });

export function aFlag(name: string, meta: Meta): Directive<Accepted> {
  const directive = flagSlot(name, name, meta);
  return { ...directive, set: (cf, values, { flags }) => directive.set(cf, values, flags) };
}

const KINDS = { size: sizeSlot, offset: offsetSlot, msec: msecSlot, num: numSlot } as const;

export function aNumber(name: string, kind: keyof typeof KINDS, meta: Meta): Directive<Accepted> {
  const directive = KINDS[kind](name, name, meta);
  return { ...directive, set: (cf, values, { numbers }) => directive.set(cf, values, numbers) };
}

/** @param check why the words are refused */
export function someWords(
  name: string,
  arity: Arity,
  meta: Meta,
  check: (values: readonly ByteString[], cf: ConfCursor) => Fault | undefined = () => undefined,
): Directive<Accepted> {
  const directive = slot<string, readonly ByteString[]>(
    name,
    name,
    arity,
    meta,
    (values, cf) => check(values, cf) ?? values,
  );
  return { ...directive, set: (cf, values, { words }) => directive.set(cf, values, words) };
}

/** One of a list, in any case. */
export function aWord(name: string, words: readonly string[], meta: Meta): Directive<Accepted> {
  return someWords(name, args(1), { values: words, ...meta }, ([word = '']) =>
    words.includes(word.toLowerCase()) ? undefined : whole(`invalid value "${word}"`),
  );
}

/** A number of buffers, and their size. */
export const buffers = (name: string, meta: Meta): Directive<Accepted> =>
  someWords(name, args(2), meta, ([number = '', size = '']) =>
    (parseNumber(number) ?? 0) > 0 && (parseSize(size) ?? 0) > 0 ? undefined : new Fault('invalid value'),
  );

/** A folder for files, and how many digits of their names make folders of their own. */
export const folder = (name: string, meta: Meta): Directive<Accepted> =>
  someWords(name, args(1, 4), meta, ([, ...levels]) =>
    levels.every((level) => (parseNumber(level) ?? 0) > 0) ? undefined : new Fault('invalid value'),
  );
