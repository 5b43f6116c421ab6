// The http block (ngx_http_module): creates the structs, reads servers and locations, merges, in nginx's order.
import { type BoundDirective, block, type ConfCursor, ConfError, Fault, type Position } from '../conf/directive.ts';
import { Store } from '../conf/store.ts';
import { defineCoreModule, type ModuleEntry } from '../module/core-module.ts';
import { Variables } from '../script/variables.ts';
import type { HttpModuleEntry } from './define.ts';
import { HTTP_MODULES } from './define.ts';
import { HTTP_BLOCK, type HttpBlock, LOCATIONS, VARIABLES } from './main-conf.ts';
import type { HttpRequest } from './request/request.ts';
import type { HttpVariables } from './script/script.ts';
import { collectAddresses, nameServers } from './servers/addresses.ts';
import { httpCoreModule } from './servers/core-module.ts';
import { checkNesting, LOCATION_BLOCK, type LocationBlock, parseLocation } from './servers/location.ts';
import { LocationTree } from './servers/location-tree.ts';
import { openLocation } from './servers/open-location.ts';
import { serverEntry } from './servers/server-entry.ts';
import { checkTlsAddress } from './ssl/conf.ts';

interface ServerBlock {
  readonly store: Store;
  readonly position: Position;
  readonly root: LocationBlock;
}

/** @param modules in the order in which their structs are merged and their handlers run */
export function createHttpModule(modules: readonly HttpModuleEntry[]): ModuleEntry {
  const servers = new WeakMap<Store, ServerBlock[]>();
  const http = defineCoreModule<HttpBlock, HttpBlock>({
    name: 'http',
    createConf: () => ({ store: undefined, addresses: [], stores: [] }),
    initConf: (raw) => raw,
    directives: [
      {
        name: 'http',
        contexts: ['main'],
        arity: block,
        doc: { syntax: 'http { ... }', summary: 'Holds everything about HTTP: defaults, and the servers.' },
        set: (cf, _args, conf) => {
          if (conf.store !== undefined) return new Fault('is duplicate');
          const store = new Store(cf.store);
          conf.store = store;
          const variables = new Variables<HttpRequest>();
          store.set(HTTP_MODULES, modules);
          store.set(VARIABLES, variables);
          const blocks: ServerBlock[] = [];
          servers.set(store, blocks);
          for (const module of modules) {
            module.createMain(store);
            module.createSrv(store);
            module.createLoc(store);
            for (const variable of module.variables) variables.provide(variable);
          }
          cf.block('http', store);
          for (const module of modules) {
            module.initMain(store, cf.env);
            mergeAll(module, store, blocks, cf);
          }
          finish(conf, blocks, variables, cf);
          return undefined;
        },
      },
    ],
  });
  return {
    ...http,
    directives: [
      ...http.directives,
      serverDirective(modules, servers),
      locationDirective(),
      ...modules.flatMap((module) => module.directives),
    ],
    init: (store) => store.set(HTTP_BLOCK, store.get(http.raw)),
  };
}

function serverDirective(modules: readonly HttpModuleEntry[], servers: WeakMap<Store, ServerBlock[]>): BoundDirective {
  return {
    name: 'server',
    contexts: ['http'],
    arity: block,
    doc: { syntax: 'server { ... }', summary: 'One HTTP server: its addresses, names and locations.' },
    apply: (cf) => {
      const store = new Store(cf.store);
      for (const module of modules) {
        module.createSrv(store);
        module.createLoc(store);
      }
      const root: LocationBlock = { match: { kind: 'nameless', text: '' }, store, inner: [] };
      store.set(LOCATION_BLOCK, root);
      servers.get(cf.store)?.push({ store, position: cf.position, root });
      cf.block('http.server', store);
      return undefined;
    },
  };
}

function locationDirective(): BoundDirective {
  return {
    name: 'location',
    contexts: ['http.server', 'http.location'],
    arity: { kind: 'block', min: 1, max: 2 },
    doc: {
      syntax: 'location [= | ~ | ~* | ^~] uri { ... } location @name { ... }',
      summary: 'Settings for requests whose URI begins with, equals or matches something.',
    },
    apply: (cf, args) => {
      const match = parseLocation(cf, args, cf.store.get(VARIABLES));
      if (match instanceof Fault) return match;
      const outer = cf.store.get(LOCATION_BLOCK);
      const fault = checkNesting(outer, match);
      if (fault !== undefined) return fault;
      const isTaken = outer.inner.some((other) => isSameLocation(other.match, match));
      openLocation(cf, match, 'http.location');
      if (isTaken) throw new ConfError(`duplicate location "${match.text}"`, cf.position);
      return undefined;
    },
  };
}

/** Of regular expressions and names the first one is found; any number is allowed. */
const MANY: readonly string[] = ['regex', 'named', 'nameless'];

const isSameLocation = (a: LocationBlock['match'], b: LocationBlock['match']): boolean =>
  a.text === b.text &&
  !MANY.includes(a.kind) &&
  !MANY.includes(b.kind) &&
  (a.kind === 'exact') === (b.kind === 'exact');

/** One module's structs of every level, from the http block inwards. */
function mergeAll(module: HttpModuleEntry, http: Store, servers: readonly ServerBlock[], cf: ConfCursor): void {
  const cx = (store: Store) => ({
    env: cf.env,
    position: cf.position,
    store,
    warn: (text: string) => cf.env.report('warn', text),
  });
  module.mergeSrv(undefined, cx(http));
  module.mergeLoc(undefined, cx(http));
  for (const { store, root } of servers) {
    module.mergeSrv(http, cx(store));
    module.mergeLoc(http, cx(store));
    mergeInner(module, root, cx);
  }
}

function mergeInner(
  module: HttpModuleEntry,
  outer: LocationBlock,
  cx: (store: Store) => Parameters<HttpModuleEntry['mergeLoc']>[1],
): void {
  for (const block of outer.inner) {
    module.mergeLoc(outer.store, cx(block.store));
    mergeInner(module, block, cx);
  }
}

function finish(conf: HttpBlock, servers: readonly ServerBlock[], variables: HttpVariables, cf: ConfCursor): void {
  for (const { store, root } of servers) store.set(LOCATIONS, new LocationTree(root.inner, hasHandler));
  conf.stores = servers.flatMap(({ root }) => storesOf(root));
  conf.addresses = collectAddresses(
    servers.map(({ store, position }) => ({
      entry: serverEntry(store, position),
      listens: store.get(httpCoreModule.srv).listens,
    })),
  );
  for (const { listen, defaultServer, servers: sharing } of conf.addresses) {
    if (listen.options.ssl) checkTlsAddress(defaultServer, sharing);
  }
  const unknown = variables.unknown();
  if (unknown !== undefined) throw new ConfError(`unknown "${unknown}" variable`);
  nameServers(conf.addresses, (text) => cf.env.report('warn', text));
}

const hasHandler = (store: Store): boolean => store.get(httpCoreModule.loc).handler !== undefined;

const storesOf = ({ store, inner }: LocationBlock): Store[] => [store, ...inner.flatMap(storesOf)];
