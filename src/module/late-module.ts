// A module whose code is loaded when a configuration has a name that no other module knows.
import type { ModuleEntry } from './core-module.ts';

export function lateModule(name: string, load: () => ModuleEntry): ModuleEntry {
  let loaded: ModuleEntry | undefined;
  const module = (): ModuleEntry => {
    loaded ??= load();
    return loaded;
  };
  return {
    name,
    isLate: true,
    get directives() {
      return module().directives;
    },
    create: (store) => module().create(store),
    init: (store, env) => module().init(store, env),
  };
}
