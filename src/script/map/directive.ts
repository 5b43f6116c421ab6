// The map directive, and those of its tables, as they stand in the table of directives.
import type { ContextName, Directive } from '../../conf/directive.ts';
import { numSlot } from '../../conf/slots.ts';
import type { ReadBlock } from '../script-block.ts';

export interface MapMain {
  hashMaxSize: number | undefined;
  hashBucketSize: number | undefined;
}

export const mapMain = (): MapMain => ({ hashMaxSize: undefined, hashBucketSize: undefined });

const noEffect = 'a table takes the room that it needs';

export function mapDirectives(context: ContextName, read: ReadBlock): readonly Directive<MapMain>[] {
  const contexts = [context];
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
      set: (cf, words) => read(cf, words),
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
