// A block that has variables of its own, and the directives that make them there.
import { type ByteString, type ConfCursor, type ContextName, type Fault, whole } from '../conf/directive.ts';
import type { Key } from '../conf/store.ts';
import type { Subject } from './subject.ts';
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
