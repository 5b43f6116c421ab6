// Reads a geo block: a variable whose value depends on an address.
import { type ByteString, type ConfCursor, Fault } from '../../conf/directive.ts';
import { madeVariable, type ScriptBlock } from '../script-block.ts';
import type { Subject } from '../subject.ts';
import { addressOf } from './network.ts';
import { GeoTable } from './table.ts';

/** Which address a geo without one of its own looks up. */
export interface GeoClient<S> {
  find(subject: S): Uint8Array;
  /** Takes an entry that is about the client. @returns false: it is not; or why it is refused */
  take?(cf: ConfCursor, words: readonly ByteString[]): boolean | Fault;
}

export function readGeo<S extends Subject>(
  block: ScriptBlock<S>,
  client: GeoClient<S>,
  cf: ConfCursor,
  words: readonly ByteString[],
): Fault | undefined {
  const [target = '', source] = [...words].reverse();
  const variables = cf.store.get(block.variables);
  const from = source === undefined ? undefined : madeVariable(source);
  if (from instanceof Fault) return from;
  const name = madeVariable(target);
  if (name instanceof Fault) return name;
  const table = new GeoTable();
  const given = from === undefined ? undefined : variables.reference(from);
  const address = (subject: S): Uint8Array =>
    given === undefined ? client.find(subject) : addressOf(given.of(subject) ?? '');
  const variable = variables.define(name, (subject) => table.find(address(subject)));
  if (variable instanceof Fault) return variable;
  cf.entries((entry, entryWords) => {
    const taken = client.take?.(entry, entryWords) ?? false;
    if (taken === false) return table.add(entry, entryWords);
    return taken === true ? undefined : taken;
  });
  return undefined;
}
