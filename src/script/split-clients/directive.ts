// The split_clients directive, as it stands in the table of directives.
import type { ContextName, Directive } from '../../conf/directive.ts';
import type { ReadBlock } from '../script-block.ts';

export const splitClientsDirective = (context: ContextName, read: ReadBlock): Directive<unknown> => ({
  name: 'split_clients',
  contexts: [context],
  arity: { kind: 'block', min: 2, max: 2 },
  doc: {
    syntax: 'split_clients string $variable { ... }',
    summary: 'Makes a variable whose value is chosen by the hash of a string: each value has a share, in percent.',
    values: ['*'],
  },
  set: (cf, words) => read(cf, words),
});
