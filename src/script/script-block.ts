// A block that has variables of its own, and the directives that make them there.
import { type ByteString, type ConfCursor, type ContextName, Fault, whole } from '../conf/directive.ts';
import type { Key } from '../conf/store.ts';
import type { Subject } from './subject.ts';
import { compileValue, type Value } from './value.ts';
import type { Variables } from './variables.ts';

export interface ScriptBlock<S extends Subject> {
  /** Where the directives stand. */
  readonly context: ContextName;
  readonly variables: Key<Variables<S>>;
}

/** Reads the block of a directive that makes a variable. */
export type ReadBlock = (cf: ConfCursor, words: readonly ByteString[]) => Fault | undefined;

/** The variable that a directive makes. @returns its name without the `$` */
export function madeVariable(text: ByteString): ByteString | Fault {
  return /^\$./s.test(text) ? text.slice(1) : whole(`invalid variable name "${text}"`);
}

/** What a directive with a value, a variable and a block says before its block. */
export function madeOf<S extends Subject>(
  block: ScriptBlock<S>,
  cf: ConfCursor,
  [text = '', target = '']: readonly ByteString[],
): { readonly variables: Variables<S>; readonly source: Value<S>; readonly name: ByteString } | Fault {
  const variables = cf.store.get(block.variables);
  const source = compileValue(text, variables);
  if (source instanceof Fault) return source;
  const name = madeVariable(target);
  return name instanceof Fault ? name : { variables, source, name };
}
