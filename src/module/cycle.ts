// A cycle: the result of reading one configuration (nginx's ngx_cycle_t, less its sockets and logs).
import type { ByteString, Environment } from '../conf/directive.ts';
import { evaluate } from '../conf/evaluate.ts';
import { Store } from '../conf/store.ts';
import type { ModuleEntry } from './core-module.ts';
import { GrowingIndex, indexDirectives } from './registry.ts';

export interface CycleInput {
  readonly modules: readonly ModuleEntry[];
  readonly env: Environment;
  /** The main configuration file, as messages name it. */
  readonly file: ByteString;
  /** The text of -g. */
  readonly globalDirectives?: ByteString;
}

export interface Cycle {
  /** The structs of the main context; the modules' keys open it. */
  readonly store: Store;
  readonly env: Environment;
  readonly file: ByteString;
  /** Configuration files in the order of their first reading: what -T prints. */
  readonly files: ReadonlyMap<ByteString, Buffer>;
  /** Directives in use that have no effect here, and why: one notice at start names them. */
  readonly noEffect: ReadonlyMap<string, string>;
  /**
   * Fills in the defaults and makes the checks that nginx makes after parsing; -t says "syntax is ok" before it.
   * @throws ConfError
   */
  init(): void;
}

/** Reads the -g string, then the file. @throws ConfError at the first error */
export function buildCycle({ modules, env, file, globalDirectives = '' }: CycleInput): Cycle {
  const store = new Store();
  let inUse = modules.filter(({ isLate }) => isLate === undefined);
  for (const module of inUse) module.create(store);
  const index = new GrowingIndex(indexDirectives(inUse), () => {
    for (const module of modules) if (!inUse.includes(module)) module.create(store);
    inUse = [...modules];
    return indexDirectives(modules);
  });
  const { files, noEffect } = evaluate({ index, env, store, file, globalDirectives });
  const init = (): void => {
    for (const module of inUse) module.init(store, env);
  };
  return { store, env, file, files, noEffect, init };
}
