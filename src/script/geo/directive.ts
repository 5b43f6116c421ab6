// The geo directive, as it stands in the table of directives.
import type { ContextName, Directive } from '../../conf/directive.ts';
import type { ReadBlock } from '../script-block.ts';

/** @param values words that entries begin with */
export const geoDirective = (context: ContextName, values: readonly string[], read: ReadBlock): Directive<unknown> => ({
  name: 'geo',
  contexts: [context],
  arity: { kind: 'block', min: 1, max: 2 },
  doc: {
    syntax: 'geo [$address] $variable { ... }',
    summary: 'Makes a variable whose value is that of the smallest network, or of the range, that an address is in.',
    values,
  },
  set: (cf, words) => read(cf, words),
});
