// Ties a module's directives to the key of its struct, so that the evaluation needs no types.
import type { BoundDirective, Directive } from './directive.ts';
import type { Key } from './store.ts';

export function bindDirectives<C>(directives: readonly Directive<C>[], key: Key<C>): BoundDirective[] {
  return directives.map((d) => ({
    name: d.name,
    contexts: d.contexts,
    arity: d.arity,
    doc: d.doc,
    apply: (cf, values) => d.set(cf, values, cf.store.get(key)),
  }));
}
