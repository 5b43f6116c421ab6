// The split_clients directive: variables whose values are shared out by the hash of a string.
import { type ByteString, type ConfCursor, type Directive, Fault } from '../../conf/directive.ts';
import { madeVariable, type ScriptBlock } from '../script-block.ts';
import type { Subject } from '../subject.ts';
import { compileValue } from '../value.ts';
import { murmurHash2 } from './murmur-hash2.ts';
import { Shares } from './shares.ts';

export function splitClientsDirective<S extends Subject>(block: ScriptBlock<S>): Directive<unknown> {
  return {
    name: 'split_clients',
    contexts: [block.context],
    arity: { kind: 'block', min: 2, max: 2 },
    doc: {
      syntax: 'split_clients string $variable { ... }',
      summary: 'Makes a variable whose value is chosen by the hash of a string: each value has a share, in percent.',
      values: ['*'],
    },
    set: (cf, words) => readSplit(block, cf, words),
  };
}

function readSplit<S extends Subject>(
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
