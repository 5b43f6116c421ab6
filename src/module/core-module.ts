// nginx's core modules (ngx_core_module_t): directives of the main context, one struct each.
import { bindDirectives } from '../conf/bind.ts';
import type { BoundDirective, Directive, Environment } from '../conf/directive.ts';
import { Key, type Store } from '../conf/store.ts';

/** The face that the cycle walks. */
export interface ModuleEntry {
  readonly name: string;
  /** Not to be touched until a name is found that no other module knows. */
  readonly isLate?: true;
  readonly directives: readonly BoundDirective[];
  /** Before parsing. */
  create(store: Store): void;
  /** After parsing: fills in defaults and checks. @throws ConfError */
  init(store: Store, env: Environment): void;
}

export interface CoreModuleSpec<Raw, Conf> {
  readonly name: string;
  readonly directives: readonly Directive<Raw>[];
  /** Every field may be undefined: "unset". */
  readonly createConf: () => Raw;
  /** Fills in the defaults. @throws ConfError */
  readonly initConf: (raw: Raw, store: Store, env: Environment) => Conf;
}

export interface CoreModule<Raw, Conf> extends ModuleEntry {
  readonly raw: Key<Raw>;
  readonly conf: Key<Conf>;
}

export function defineCoreModule<Raw, Conf>(spec: CoreModuleSpec<Raw, Conf>): CoreModule<Raw, Conf> {
  const raw = new Key<Raw>(`${spec.name} (raw)`);
  const conf = new Key<Conf>(spec.name);
  return {
    name: spec.name,
    raw,
    conf,
    directives: bindDirectives(spec.directives, raw),
    create: (store) => store.set(raw, spec.createConf()),
    init: (store, env) => store.set(conf, spec.initConf(store.get(raw), store, env)),
  };
}
