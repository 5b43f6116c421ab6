// The directives of all modules by name: what the evaluation looks them up in.
import type { BoundDirective } from '../conf/directive.ts';
import type { DirectiveIndex } from '../conf/evaluate.ts';

export interface HasDirectives {
  readonly name: string;
  readonly directives: readonly BoundDirective[];
}

/** @throws Error when two modules define one directive in the same context */
export function indexDirectives(entries: Iterable<HasDirectives>): DirectiveIndex {
  const index = new Map<string, BoundDirective[]>();
  for (const entry of entries) {
    for (const directive of entry.directives) {
      const known = index.get(directive.name) ?? [];
      const clash = directive.contexts.find((context) => known.some((d) => d.contexts.includes(context)));
      if (clash !== undefined) throw new Error(`${entry.name} defines ${directive.name} a second time in ${clash}`);
      index.set(directive.name, [...known, directive]);
    }
  }
  return index;
}
