// The geo directive: variables whose values depend on an address.
import { type ByteString, type ConfCursor, type Directive, Fault } from '../../conf/directive.ts';
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

interface GeoOptions<S> {
  /** Words that entries begin with. */
  readonly values: readonly string[];
  /** For each geo. */
  readonly client: () => GeoClient<S>;
}

export function geoDirective<S extends Subject>(block: ScriptBlock<S>, options: GeoOptions<S>): Directive<unknown> {
  return {
    name: 'geo',
    contexts: [block.context],
    arity: { kind: 'block', min: 1, max: 2 },
    doc: {
      syntax: 'geo [$address] $variable { ... }',
      summary: 'Makes a variable whose value is that of the smallest network, or of the range, that an address is in.',
      values: options.values,
    },
    set: (cf, words) => readGeo(block, options.client(), cf, words),
  };
}

function readGeo<S extends Subject>(
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
