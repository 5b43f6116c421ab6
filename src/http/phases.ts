// A request's way through nginx's phases, from the server's rewrites to the end of its answer.
import type { ByteString } from '../conf/directive.ts';
import { httpCoreModule } from './core-module.ts';
import type { Handler, Handlers, HttpModuleEntry, Outcome, Start } from './define.ts';
import { LOCATIONS } from './main-conf.ts';
import type { HttpRequest } from './request.ts';

type PhaseName = 'serverRewrite' | 'rewrite' | 'precontent' | 'content';

export class Phases {
  readonly #handlers: Readonly<Record<PhaseName, readonly Handler[]>>;
  readonly #access: readonly Handler[];
  readonly filters: readonly NonNullable<Handlers['filter']>[];
  readonly logs: readonly NonNullable<Handlers['log']>[];
  readonly starts: readonly Start[];

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
    this.starts = modules.flatMap(({ start }) => start ?? []);
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
    const found = request.serverStore.get(LOCATIONS).find(request.uri);
    request.store = found?.store ?? request.serverStore;
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
