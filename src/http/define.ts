// nginx's http modules (ngx_http_module_t): main, server and location structs, handlers by phase, and variables.
import { bindDirectives } from '../conf/bind.ts';
import type { BoundDirective, ByteString, Directive, Environment, Position } from '../conf/directive.ts';
import { Key, type Store } from '../conf/store.ts';
import type { HttpResponse } from './answer/response.ts';
import type { HttpBlock } from './main-conf.ts';
import type { HttpRequest } from './request/request.ts';
import type { HttpVariableSpec } from './script/script.ts';
import type { HttpWorker } from './worker.ts';

/** The request goes on in a location of that name, which begins with `@`. */
export interface NamedLocation {
  readonly named: ByteString;
}

/**
 * What a handler makes of a request: undefined leaves it to the next one, a number ends it with that status (and its
 * page), `done` says that a response is on its way, `search` that the location has to be found anew, `redirect` that
 * `request.redirectTo` was called.
 */
export type Outcome = number | 'done' | 'search' | 'redirect' | NamedLocation | undefined;
export type Handler = (request: HttpRequest) => Outcome | Promise<Outcome>;

/** `allowed`: the client may go on, as far as this one is asked; undefined: it has no say; a status refuses. */
export type AccessOutcome = 'allowed' | number | undefined;
export type AccessHandler = (request: HttpRequest) => AccessOutcome | Promise<AccessOutcome>;

/** In the order of nginx's phases. Every handler of a phase runs, in the order of the modules. */
export interface Handlers {
  /** Once for each request, before anything else. */
  readonly postRead?: Handler;
  /** Before a location is found. */
  readonly serverRewrite?: Handler;
  readonly rewrite?: Handler;
  /** In a location, before the access phase. */
  readonly preaccess?: Handler;
  /** Whether one or all have to let the client in is for `satisfy`. */
  readonly access?: AccessHandler;
  /** After the access phase, before a location's own content handler. */
  readonly precontent?: Handler;
  /** For a location without a content handler of its own. */
  readonly content?: Handler;
  /** Adds to the head of a response before it is sent. @returns the status of what is answered instead */
  readonly filter?: (request: HttpRequest, response: HttpResponse) => number | undefined;
  /** When the request has ended. */
  readonly log?: (request: HttpRequest) => void;
}

/** What a merge may ask. */
export interface MergeContext {
  readonly env: Environment;
  /** Where the merging stands: the end of the http block. */
  readonly position: Position;
  /** The structs of the level; those of modules earlier in the list are merged already. */
  readonly store: Store;
  warn(text: ByteString): void;
}

interface MainPart<Main> {
  readonly directives?: readonly Directive<Main>[];
  readonly create: () => Main;
  /** After the http block, before the merges. @throws ConfError */
  readonly init?: (main: Main, http: Store, env: Environment) => void;
}

/** Raw structs have every field possibly undefined: "unset". */
interface LevelPart<Raw, Conf> {
  readonly directives?: readonly Directive<Raw>[];
  readonly create: () => Raw;
  /** @param prev the merged struct of the level above; undefined at the http block itself @throws ConfError */
  readonly merge: (prev: Conf | undefined, raw: Raw, cx: MergeContext) => Conf;
}

export interface HttpModuleSpec<Main, SrvRaw, Srv, LocRaw, Loc> {
  readonly name: string;
  readonly main?: MainPart<Main>;
  readonly srv?: LevelPart<SrvRaw, Srv>;
  readonly loc?: LevelPart<LocRaw, Loc>;
  readonly variables?: readonly HttpVariableSpec[];
  readonly handlers?: Handlers;
  /** @returns false: the configuration has nothing of it, and its handlers and its start are left out */
  readonly isUsed?: (store: Store) => boolean;
  /** When a worker begins to serve, before it accepts anything. */
  readonly start?: Start;
}

export type Start = (block: HttpBlock, worker: HttpWorker) => void;

/** The face that the http block walks; every type parameter is closed over. */
export interface HttpModuleEntry {
  readonly name: string;
  readonly directives: readonly BoundDirective[];
  readonly variables: readonly HttpVariableSpec[];
  readonly handlers: Handlers;
  /** @param store of the http block */
  isUsed(store: Store): boolean;
  readonly start: Start | undefined;
  createMain(http: Store): void;
  initMain(http: Store, env: Environment): void;
  createSrv(store: Store): void;
  createLoc(store: Store): void;
  mergeSrv(outer: Store | undefined, cx: MergeContext): void;
  mergeLoc(outer: Store | undefined, cx: MergeContext): void;
}

export interface HttpModule<Main, SrvRaw, Srv, LocRaw, Loc> extends HttpModuleEntry {
  readonly main: Key<Main>;
  readonly srvRaw: Key<SrvRaw>;
  readonly srv: Key<Srv>;
  readonly locRaw: Key<LocRaw>;
  readonly loc: Key<Loc>;
}

/** Every module; blocks with location structs of their own have one of each. */
export const HTTP_MODULES = new Key<readonly HttpModuleEntry[]>('http modules');

export function defineHttpModule<Main, SrvRaw, Srv, LocRaw, Loc>(
  spec: HttpModuleSpec<Main, SrvRaw, Srv, LocRaw, Loc>,
): HttpModule<Main, SrvRaw, Srv, LocRaw, Loc> {
  const key = <T>(level: string): Key<T> => new Key<T>(`http ${spec.name} ${level}`);
  const keys = {
    main: key<Main>('main'),
    srvRaw: key<SrvRaw>('server (raw)'),
    srv: key<Srv>('server'),
    locRaw: key<LocRaw>('location (raw)'),
    loc: key<Loc>('location'),
  };
  const { name, main, srv, loc } = spec;
  return {
    name,
    ...keys,
    directives: [
      ...bindDirectives(main?.directives ?? [], keys.main),
      ...bindDirectives(srv?.directives ?? [], keys.srvRaw),
      ...bindDirectives(loc?.directives ?? [], keys.locRaw),
    ],
    variables: spec.variables ?? [],
    handlers: spec.handlers ?? {},
    isUsed: (store) => spec.isUsed?.(store) !== false,
    start: spec.start,
    createMain: (http) => main && http.set(keys.main, main.create()),
    initMain: (http, env) => main?.init?.(http.get(keys.main), http, env),
    createSrv: (store) => srv && store.set(keys.srvRaw, srv.create()),
    createLoc: (store) => loc && store.set(keys.locRaw, loc.create()),
    mergeSrv: (outer, cx) => srv && cx.store.set(keys.srv, merged(srv, outer?.get(keys.srv), keys.srvRaw, cx)),
    mergeLoc: (outer, cx) => loc && cx.store.set(keys.loc, merged(loc, outer?.get(keys.loc), keys.locRaw, cx)),
  };
}

function merged<Raw, Conf>(part: LevelPart<Raw, Conf>, prev: Conf | undefined, raw: Key<Raw>, cx: MergeContext): Conf {
  return Object.freeze(part.merge(prev, cx.store.get(raw), cx));
}
