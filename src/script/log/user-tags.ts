// What the records of a block are marked with, for filter=tag: of error_log: its own tag, and those of error_log_user_tag.
import { args, type ByteString, type ContextName, type Directive, Fault } from '../../conf/directive.ts';
import type { Key } from '../../conf/store.ts';
import type { Subject } from '../subject.ts';
import { compileValue, type Value } from '../value.ts';
import type { Variables } from '../variables.ts';

export interface HasUserTags<S extends Subject> {
  userTags: readonly Value<S>[] | undefined;
}

export const userTagDirective = <S extends Subject>(
  contexts: readonly ContextName[],
  variables: Key<Variables<S>>,
  summary: string,
): Directive<HasUserTags<S>> => ({
  name: 'error_log_user_tag',
  contexts,
  arity: args(1),
  doc: { syntax: 'error_log_user_tag text;', summary },
  set: (cf, [text = ''], conf) => {
    const value = compileValue(text, cf.store.get(variables));
    if (value instanceof Fault) return value;
    conf.userTags = [...(conf.userTags ?? []), value];
    return undefined;
  },
});

export class UserTags<S extends Subject> {
  readonly #own: ByteString;
  readonly #values: readonly Value<S>[];
  /** Where no variables are in them. */
  readonly #constant: readonly ByteString[] | undefined;
  #busy = false;

  /** @param own that of the block */
  constructor(own: ByteString, values: readonly Value<S>[] = []) {
    this.#own = own;
    this.#values = values;
    const isConstant = values.every(({ constant }) => constant !== undefined);
    this.#constant = isConstant ? this.#all(values.map(({ constant = '' }) => constant)) : undefined;
  }

  /** A record may come at any time: values that are found for it are not kept for what comes later. */
  of(subject: S): readonly ByteString[] {
    if (this.#constant !== undefined) return this.#constant;
    if (this.#busy) return [this.#own]; // what finds a value may itself have something to say
    this.#busy = true;
    const kept = [...subject.values];
    const { captures } = subject;
    try {
      return this.#all(this.#values.map((value) => value.of(subject)));
    } finally {
      subject.values.clear();
      for (const [variable, value] of kept) subject.values.set(variable, value);
      subject.captures = captures;
      this.#busy = false;
    }
  }

  #all(found: readonly ByteString[]): readonly ByteString[] {
    return [this.#own, ...found.filter((tag) => tag !== '')];
  }
}
