// The directives of all modules by name: what the evaluation looks them up in.
import type { BoundDirective } from '../conf/directive.ts';
import type { DirectiveIndex } from '../conf/evaluate.ts';

export interface HasDirectives {
  readonly name: string;
  readonly directives: readonly BoundDirective[];
}

/** @throws Error when two modules define one directive in the same context */
export function indexDirectives(entries: Iterable<HasDirectives>): ReadonlyMap<string, readonly BoundDirective[]> {
  const index = new Map<string, BoundDirective[]>();
  for (const entry of entries) {
    for (const directive of entry.directives) {
      const known = index.get(directive.name);
      if (known === undefined) {
        index.set(directive.name, [directive]);
        continue;
      }
      const clash = directive.contexts.find((context) => known.some((d) => d.contexts.includes(context)));
      if (clash !== undefined) throw new Error(`${entry.name} defines ${directive.name} a second time in ${clash}`);
      known.push(directive);
    }
  }
  return index;
}

/** Becomes another one with the first name that it does not know. */
export class GrowingIndex implements DirectiveIndex {
  #index: DirectiveIndex;
  #grow: (() => DirectiveIndex) | undefined;

  constructor(index: DirectiveIndex, grow: () => DirectiveIndex) {
    this.#index = index;
    this.#grow = grow;
  }

  get(name: string): readonly BoundDirective[] | undefined {
    const known = this.#index.get(name);
    if (known !== undefined || this.#grow === undefined) return known;
    this.#index = this.#grow();
    this.#grow = undefined;
    return this.#index.get(name);
  }

  [Symbol.iterator](): Iterator<readonly [string, readonly BoundDirective[]]> {
    return this.#index[Symbol.iterator]();
  }
}
