// Reads a map block: a variable whose value depends on those of others.
import { type ByteString, type ConfCursor, Fault } from '../../conf/directive.ts';
import { madeVariable, type ScriptBlock } from '../script-block.ts';
import type { Subject } from '../subject.ts';
import { compileValue } from '../value.ts';
import { MapTable } from './table.ts';

export function readMap<S extends Subject>(
  block: ScriptBlock<S>,
  cf: ConfCursor,
  [text = '', target = '']: readonly ByteString[],
): Fault | undefined {
  const variables = cf.store.get(block.variables);
  const source = compileValue(text, variables);
  if (source instanceof Fault) return source;
  const name = madeVariable(target);
  if (name instanceof Fault) return name;
  const table = new MapTable(variables);
  const variable = variables.define(name, (subject) => table.find(subject, source.of(subject)));
  if (variable instanceof Fault) return variable;
  cf.entries((_cf, words) => table.add(words));
  variable.volatile = table.isVolatile;
  return undefined;
}
