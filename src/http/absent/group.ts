// Directives of what nginx has and Postern has not: refused where they would do something, otherwise accepted.
import {
  type Arity,
  args,
  type ByteString,
  type ContextName,
  type Directive,
  type Doc,
  Fault,
  flag,
  whole,
} from '../../conf/directive.ts';
import { parseFlag, parseMsec, parseNumber, parseSize } from '../../conf/values.ts';

/** Names of directives of a block that may stand once, and have stood. */
export interface HasOnce {
  once: Set<string> | undefined;
}

export const HTTP: readonly ContextName[] = ['http'];
export const SERVERS: readonly ContextName[] = [...HTTP, 'http.server'];
export const EVERYWHERE: readonly ContextName[] = [...SERVERS, 'http.location'];
export const WITH_IF: readonly ContextName[] = [...EVERYWHERE, 'http.location.if'];
export const LOCATION: readonly ContextName[] = ['http.location'];

/** What the values of an accepted directive are: it has to be one that nginx takes. */
export type Kind = 'flag' | 'time' | 'size' | 'number' | 'buffers' | 'folder' | 'word' | 'words' | 'list';

const MANY = Number.POSITIVE_INFINITY;

interface Form {
  readonly arity: Arity;
  readonly syntax: string;
  readonly check?: (values: readonly ByteString[], name: string) => Fault | undefined;
  /** Each adds to the ones before. */
  readonly repeats?: true;
}

const oneOf =
  (parse: (text: ByteString) => unknown, fault: string) =>
  ([text = '']: readonly ByteString[]): Fault | undefined =>
    parse(text) === undefined ? new Fault(fault) : undefined;

const FORMS: Readonly<Record<Kind, Form>> = {
  flag: {
    arity: flag,
    syntax: 'on | off',
    check: ([text = ''], name) =>
      parseFlag(text) === undefined
        ? whole(`invalid value "${text}" in "${name}" directive, it must be "on" or "off"`)
        : undefined,
  },
  time: { arity: args(1), syntax: 'time', check: oneOf(parseMsec, 'invalid value') },
  size: { arity: args(1), syntax: 'size', check: oneOf(parseSize, 'invalid value') },
  number: { arity: args(1), syntax: 'number', check: oneOf(parseNumber, 'invalid number') },
  buffers: {
    arity: args(2),
    syntax: 'number size',
    check: ([count = '', size = '']) =>
      (parseNumber(count) ?? 0) > 0 && (parseSize(size) ?? 0) > 0 ? undefined : new Fault('invalid value'),
  },
  folder: {
    arity: args(1, 4),
    syntax: 'path [level1 [level2 [level3]]]',
    check: ([, ...levels]) =>
      levels.every((level) => ['1', '2', '3'].includes(String(parseNumber(level))))
        ? undefined
        : new Fault('invalid value'),
  },
  word: { arity: args(1), syntax: 'value' },
  words: { arity: args(1, MANY), syntax: 'value ...' },
  list: { arity: args(1, MANY), syntax: 'value ...', repeats: true },
};

/** What a group of directives is for, and what is to be said of those that are accepted. */
export interface Group {
  readonly summary: string;
  readonly why: string;
}

/** One that is accepted, and does nothing. */
export function accepted(group: Group, kind: Kind, contexts: readonly ContextName[], name: string): Directive<HasOnce> {
  const { arity, syntax, check, repeats } = FORMS[kind];
  return {
    name,
    contexts,
    arity,
    doc: {
      ...docOf(group, `${name} ${syntax};`),
      noEffect: group.why,
      ...(kind === 'flag' ? { values: ['on', 'off'] } : {}),
    },
    set: (_cf, values, conf) => (repeats ? undefined : taken(conf, name)) ?? check?.(values, name),
  };
}

/** One that would do something: it is an error, also where its values are. */
export function refused(group: Group, contexts: readonly ContextName[], name: string): Directive<HasOnce> {
  return {
    name,
    contexts,
    arity: args(0, MANY),
    doc: { ...docOf(group, `${name} ...;`), notImplemented: 'at all' },
    set: () => undefined,
  };
}

/** The same, of a directive with a block. */
export const refusedBlock = (group: Group, contexts: readonly ContextName[], name: string): Directive<HasOnce> => ({
  ...refused(group, contexts, name),
  arity: { kind: 'block', min: 0, max: MANY },
  doc: { ...docOf(group, `${name} ... { ... }`), notImplemented: 'at all' },
});

/** One that can be switched off, which it is. */
export const onlyOff = (group: Group, contexts: readonly ContextName[], name: string): Directive<HasOnce> => ({
  ...refused(group, contexts, name),
  arity: args(1, MANY),
  doc: { ...docOf(group, `${name} off | ...;`), default: 'off', values: ['off'], notImplemented: 'but off' },
  set: (_cf, _values, conf) => taken(conf, name),
});

const docOf = ({ summary }: Group, syntax: string): Doc => ({
  syntax,
  summary: `${summary}.`,
  group: summary,
});

function taken(conf: HasOnce, name: string): Fault | undefined {
  conf.once ??= new Set();
  if (conf.once.has(name)) return new Fault('is duplicate');
  conf.once.add(name);
  return undefined;
}

/** What becomes of a list of names: refused, or accepted with values of that kind. */
export type Fate = 'refuse' | 'block' | 'off' | Kind;

/** Some names, where they may stand. */
export type Names = readonly [Fate, readonly ContextName[], string];

/** A group of directives: what it is for, which of them would do something, and which are details of those. */
export function groupOf(summary: string, ...lists: readonly Names[]): Directive<HasOnce>[] {
  const main = lists.find(([fate]) => fate === 'refuse' || fate === 'block' || fate === 'off');
  const [, , names = ''] = main ?? [];
  return allOf({ summary, why: `it means nothing without "${names.split(' ')[0]}"` }, ...lists);
}

export const allOf = (group: Group, ...lists: readonly Names[]): Directive<HasOnce>[] =>
  lists.flatMap(([fate, contexts, text]) => text.split(/\s+/).map((name) => make(group, fate, contexts, name)));

function make(group: Group, fate: Fate, contexts: readonly ContextName[], name: string): Directive<HasOnce> {
  if (fate === 'refuse') return refused(group, contexts, name);
  if (fate === 'block') return refusedBlock(group, contexts, name);
  if (fate === 'off') return onlyOff(group, contexts, name);
  return accepted(group, fate, contexts, name);
}
