// The map module: variables whose values depend on those of others.
import { type ByteString, type Directive, Fault, whole } from '../../conf/directive.ts';
import { numSlot } from '../../conf/slots.ts';
import { defineHttpModule } from '../define.ts';
import { VARIABLES } from '../main-conf.ts';
import { compileValue } from '../value.ts';
import { MapTable } from './table.ts';

interface MapMain {
  hashMaxSize: number | undefined;
  hashBucketSize: number | undefined;
}

/** The variable that a block makes. @returns its name without the `$` */
export function madeVariable(text: ByteString): ByteString | Fault {
  return /^\$./s.test(text) ? text.slice(1) : whole(`invalid variable name "${text}"`);
}

const map: Directive<unknown> = {
  name: 'map',
  contexts: ['http'],
  arity: { kind: 'block', min: 2, max: 2 },
  doc: {
    syntax: 'map string $variable { ... }',
    summary: 'Makes a variable whose value is chosen by a string, with variables in it, among those of a table.',
    values: ['default', 'hostnames', 'volatile', 'include'],
  },
  set: (cf, [text = '', target = '']) => {
    const variables = cf.store.get(VARIABLES);
    const source = compileValue(text, variables);
    if (source instanceof Fault) return source;
    const name = madeVariable(target);
    if (name instanceof Fault) return name;
    const table = new MapTable(variables);
    const variable = variables.define(name, (request) => table.find(request, source.of(request)));
    if (variable instanceof Fault) return variable;
    cf.entries((_cf, words) => table.add(words));
    variable.volatile = table.isVolatile;
    return undefined;
  },
};

const noEffect = 'a table takes the room that it needs';

export const mapModule = defineHttpModule({
  name: 'map',
  main: {
    create: (): MapMain => ({ hashMaxSize: undefined, hashBucketSize: undefined }),
    directives: [
      map,
      numSlot('map_hash_max_size', 'hashMaxSize', {
        contexts: ['http'],
        syntax: 'map_hash_max_size size;',
        default: '2048',
        summary: 'The size of the tables of maps.',
        noEffect,
      }),
      numSlot('map_hash_bucket_size', 'hashBucketSize', {
        contexts: ['http'],
        syntax: 'map_hash_bucket_size size;',
        default: '32 | 64 | 128',
        summary: 'The size of one entry in the tables of maps.',
        noEffect,
      }),
    ],
  },
});
