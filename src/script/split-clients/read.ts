// Reads a split_clients block: a variable whose values are shared out by the hash of a string.
import { type ByteString, type ConfCursor, Fault } from '../../conf/directive.ts';
import { madeOf, type ScriptBlock } from '../script-block.ts';
import type { Subject } from '../subject.ts';
import { murmurHash2 } from './murmur-hash2.ts';
import { Shares } from './shares.ts';

export function readSplit<S extends Subject>(
  block: ScriptBlock<S>,
  cf: ConfCursor,
  words: readonly ByteString[],
): Fault | undefined {
  const made = madeOf(block, cf, words);
  if (made instanceof Fault) return made;
  const { variables, source, name } = made;
  const shares = new Shares();
  const variable = variables.define(name, (subject) => shares.find(murmurHash2(source.of(subject))));
  if (variable instanceof Fault) return variable;
  cf.entries((_cf, entry) => shares.add(entry));
  return shares.finish();
}
