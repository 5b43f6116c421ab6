// Reads a split_clients block: a variable whose values are shared out by the hash of a string.
import { type ByteString, type ConfCursor, Fault } from '../../conf/directive.ts';
import { madeVariable, type ScriptBlock } from '../script-block.ts';
import type { Subject } from '../subject.ts';
import { compileValue } from '../value.ts';
import { murmurHash2 } from './murmur-hash2.ts';
import { Shares } from './shares.ts';

export function readSplit<S extends Subject>(
  block: ScriptBlock<S>,
  cf: ConfCursor,
  [text = '', target = '']: readonly ByteString[],
): Fault | undefined {
  const variables = cf.store.get(block.variables);
  const source = compileValue(text, variables);
  if (source instanceof Fault) return source;
  const name = madeVariable(target);
  if (name instanceof Fault) return name;
  const shares = new Shares();
  const variable = variables.define(name, (subject) => shares.find(murmurHash2(source.of(subject))));
  if (variable instanceof Fault) return variable;
  cf.entries((_cf, words) => shares.add(words));
  return shares.finish();
}
