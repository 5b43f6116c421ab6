// A request's way through nginx's phases, from the server's rewrites to the end of its answer.
import type { ByteString } from '../conf/directive.ts';
import { httpCoreModule } from './core-module.ts';
import type { Handler, Handlers, HttpModuleEntry, Outcome } from './define.ts';
import { pathWithArgs } from './head.ts';
import { LOCATIONS } from './main-conf.ts';
import type { HttpRequest } from './request.ts';

type PhaseName = 'serverRewrite' | 'rewrite' | 'precontent' | 'content';

export class Phases {
  readonly #handlers: Readonly<Record<PhaseName, readonly Handler[]>>;
  readonly #access: readonly Handler[];
  readonly filters: readonly NonNullable<Handlers['filter']>[];
  readonly logs: readonly NonNullable<Handlers['log']>[];

  constructor(modules: readonly HttpModuleEntry[]) {
    const of = <N extends keyof Handlers>(name: N): NonNullable<Handlers[N]>[] =>
      modules.flatMap(({ handlers }) => handlers[name] ?? []);
    this.#handlers = {
      serverRewrite: of('serverRewrite'),
      rewrite: of('rewrite'),
      precontent: of('precontent'),
      content: of('content'),
    };
    this.#access = of('access');
    this.filters = of('filter');
    this.logs = of('log');
  }

  /** @returns the status of the answer, or `done` where a handler has prepared one */
  async run(request: HttpRequest): Promise<number | 'done'> {
    const outcome = request.internal ? undefined : await this.#phase('serverRewrite', request);
    if (typeof outcome === 'number' || outcome === 'done') return outcome;
    for (;;) {
      if (request.cycles-- <= 0) {
        request.error(`rewrite or internal redirection cycle while processing "${request.uri}"`);
        return 500;
      }
      const refused = this.#enter(request);
      if (refused !== undefined) return refused;
      const result = await this.#location(request);
      if (result !== 'search') return result ?? 404;
    }
  }

  /** Continues a request that was redirected to a named location. @returns as `run` */
  async runNamed(request: HttpRequest, name: ByteString): Promise<number | 'done'> {
    const store = request.serverStore.get(LOCATIONS).named(name);
    if (store === undefined) {
      request.error(`could not find named location "${name}"`);
      return 500;
    }
    request.store = store;
    request.internal = true;
    const result = await this.#location(request);
    return result === 'search' ? this.run(request) : (result ?? 404);
  }

  #enter(request: HttpRequest): number | undefined {
    const locations = request.serverStore.get(LOCATIONS);
    const found = locations.find(request.uri);
    request.locatedUri = request.uri;
    request.store = found?.store ?? request.serverStore;
    const withSlash = `${request.uri}/`;
    const slashed = locations.withText(withSlash);
    if (slashed?.get(httpCoreModule.loc).autoRedirect && !locations.withText(request.uri)) {
      request.store = slashed;
      request.response.location = pathWithArgs(withSlash, request.args);
      return 301;
    }
    found?.regex?.match(request, request.uri);
    const { internal, clientMaxBodySize } = request.conf(httpCoreModule.loc);
    if (internal && !request.internal) return 404;
    const length = Number(request.header('content-length') ?? 0);
    if (clientMaxBodySize > 0 && length > clientMaxBodySize) {
      request.error(`client intended to send too large body: ${length} bytes`);
      return 413;
    }
    return undefined;
  }

  async #location(request: HttpRequest): Promise<Outcome> {
    const rewritten = await this.#phase('rewrite', request);
    if (rewritten !== undefined) return rewritten;
    for (const handler of this.#access) {
      const refused = await handler(request);
      if (refused !== undefined) return refused;
    }
    const early = await this.#phase('precontent', request);
    if (early !== undefined) return early;
    const { handler } = request.conf(httpCoreModule.loc);
    return handler === undefined ? this.#phase('content', request) : handler(request);
  }

  async #phase(name: PhaseName, request: HttpRequest): Promise<Outcome> {
    for (const handler of this.#handlers[name]) {
      const outcome = await handler(request);
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  }
}
