// The map directive: variables whose values depend on those of others.
import { type ByteString, type ConfCursor, type Directive, Fault } from '../../conf/directive.ts';
import { numSlot } from '../../conf/slots.ts';
import { madeVariable, type ScriptBlock } from '../script-block.ts';
import type { Subject } from '../subject.ts';
import { compileValue } from '../value.ts';
import { MapTable } from './table.ts';

export interface MapMain {
  hashMaxSize: number | undefined;
  hashBucketSize: number | undefined;
}

export const mapMain = (): MapMain => ({ hashMaxSize: undefined, hashBucketSize: undefined });

const noEffect = 'a table takes the room that it needs';

export function mapDirectives<S extends Subject>(block: ScriptBlock<S>): readonly Directive<MapMain>[] {
  const contexts = [block.context];
  return [
    {
      name: 'map',
      contexts,
      arity: { kind: 'block', min: 2, max: 2 },
      doc: {
        syntax: 'map string $variable { ... }',
        summary: 'Makes a variable whose value is chosen by a string, with variables in it, among those of a table.',
        values: ['default', 'hostnames', 'volatile', 'include'],
      },
      set: (cf, words) => readMap(block, cf, words),
    },
    numSlot('map_hash_max_size', 'hashMaxSize', {
      contexts,
      syntax: 'map_hash_max_size size;',
      default: '2048',
      summary: 'The size of the tables of maps.',
      noEffect,
    }),
    numSlot('map_hash_bucket_size', 'hashBucketSize', {
      contexts,
      syntax: 'map_hash_bucket_size size;',
      default: '32 | 64 | 128',
      summary: 'The size of one entry in the tables of maps.',
      noEffect,
    }),
  ];
}

function readMap<S extends Subject>(
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
