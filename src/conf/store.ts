// The typed store: configuration structs by key, chained from a server to its mail block to the cycle.

/** Names one configuration struct of one module; the type parameter is what the store holds under it. */
export class Key<T> {
  readonly name: string;
  /** Never set: makes `Key<A>` and `Key<B>` different types. */
  declare readonly type: T;
  constructor(name: string) {
    this.name = name;
  }
}

/**
 * Holds each module's configuration structs. A store made with a parent falls back to it, as a `server`
 * block sees the structs of its `mail` block and of the main context.
 */
export class Store {
  readonly #parent: Store | undefined;
  readonly #values = new Map<Key<unknown>, unknown>();

  constructor(parent?: Store) {
    this.#parent = parent;
  }

  set<T>(key: Key<T>, value: T): void {
    this.#values.set(key, value);
  }

  has(key: Key<unknown>): boolean {
    return this.#values.has(key) || (this.#parent?.has(key) ?? false);
  }

  /** @throws Error when nothing was stored under the key: a module that is not in the list of modules. */
  get<T>(key: Key<T>): T {
    // The only cast of the module system: `set` put a T here, and keys are compared by identity.
    if (this.#values.has(key)) return this.#values.get(key) as T;
    if (this.#parent === undefined) throw new Error(`no configuration for ${key.name}`);
    return this.#parent.get(key);
  }
}
