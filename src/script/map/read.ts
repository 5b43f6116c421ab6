// Reads a map block: a variable whose value depends on those of others.
import { type ByteString, type ConfCursor, Fault } from '../../conf/directive.ts';
import { madeOf, type ScriptBlock } from '../script-block.ts';
import type { Subject } from '../subject.ts';
import { MapTable } from './table.ts';

export function readMap<S extends Subject>(
  block: ScriptBlock<S>,
  cf: ConfCursor,
  words: readonly ByteString[],
): Fault | undefined {
  const made = madeOf(block, cf, words);
  if (made instanceof Fault) return made;
  const { variables, source, name } = made;
  const table = new MapTable(variables);
  const variable = variables.define(name, (subject) => table.find(subject, source.of(subject)));
  if (variable instanceof Fault) return variable;
  cf.entries((_cf, entry) => table.add(entry));
  variable.volatile = table.isVolatile;
  return undefined;
}
