// A request's way through nginx's phases, from the server's rewrites to the end of its answer.
import { limitMethods } from './access/limit-except.ts';
import { checkAccess } from './access/satisfy.ts';
import { pathWithArgs } from './answer/head.ts';
import type { AccessHandler, Handler, Handlers, HttpModuleEntry, NamedLocation, Outcome, Start } from './define.ts';
import { LOCATIONS } from './main-conf.ts';
import type { HttpRequest } from './request/request.ts';
import { httpCoreModule } from './servers/core-module.ts';

type PhaseName = 'postRead' | 'serverRewrite' | 'rewrite' | 'preaccess' | 'precontent' | 'content';

/** What takes a request to another place. */
type Turn = 'search' | 'redirect' | NamedLocation;

export class Phases {
  readonly #handlers: Readonly<Record<PhaseName, readonly Handler[]>>;
  readonly #access: readonly AccessHandler[];
  readonly filters: readonly NonNullable<Handlers['filter']>[];
  readonly logs: readonly NonNullable<Handlers['log']>[];
  readonly starts: readonly Start[];

  /** @param modules those that the configuration uses */
  constructor(modules: readonly HttpModuleEntry[]) {
    const of = <N extends keyof Handlers>(name: N): NonNullable<Handlers[N]>[] =>
      modules.flatMap(({ handlers }) => handlers[name] ?? []);
    this.#handlers = {
      postRead: of('postRead'),
      serverRewrite: of('serverRewrite'),
      rewrite: of('rewrite'),
      preaccess: of('preaccess'),
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
    const outcome = await this.#phase('postRead', request);
    return typeof outcome === 'number' || outcome === 'done' ? outcome : this.#walk(request, 'redirect');
  }

  /** After `redirectTo`, or on to a named location. @returns as `run` */
  async goOn(request: HttpRequest, turn: 'redirect' | NamedLocation): Promise<number | 'done'> {
    return this.#mayTurn(request, turn) ? this.#walk(request, turn) : 500;
  }

  async #walk(request: HttpRequest, first: Turn): Promise<number | 'done'> {
    let turn = first;
    for (;;) {
      const outcome = await this.#step(request, turn);
      if (outcome === undefined) return 404;
      if (typeof outcome === 'number' || outcome === 'done') return outcome;
      if (!this.#mayTurn(request, outcome)) return 500;
      turn = outcome;
    }
  }

  async #step(request: HttpRequest, turn: Turn): Promise<Outcome> {
    if (typeof turn === 'object') return this.#enterNamed(request, turn) ?? this.#location(request);
    const outcome = turn === 'redirect' ? await this.#serverRewrite(request) : undefined;
    if (outcome !== undefined && outcome !== 'search') return outcome;
    return this.#enter(request) ?? this.#location(request);
  }

  #serverRewrite(request: HttpRequest): Outcome | Promise<Outcome> {
    request.store = request.serverStore;
    return this.#phase('serverRewrite', request);
  }

  /** Counts it, so that nothing turns in circles for ever. */
  #mayTurn(request: HttpRequest, turn: Turn): boolean {
    request.cycles--;
    if (request.cycles > 0) return true;
    const doing =
      typeof turn === 'object'
        ? `redirect to named location "${turn.named}"`
        : `${turn === 'search' ? 'processing' : 'internally redirecting to'} "${request.uri}"`;
    request.error(`rewrite or internal redirection cycle while ${doing}`);
    return false;
  }

  #enterNamed(request: HttpRequest, { named }: NamedLocation): number | undefined {
    const store = request.serverStore.get(LOCATIONS).named(named);
    if (store === undefined) {
      request.error(`could not find named location "${named}"`);
      return 500;
    }
    request.store = store;
    request.internal = true;
    limitMethods(request);
    return undefined;
  }

  #enter(request: HttpRequest): number | undefined {
    const found = request.serverStore.get(LOCATIONS).find(request.uri);
    request.store = found?.store ?? request.serverStore;
    found?.regex?.match(request, request.uri);
    const { internal, clientMaxBodySize } = request.conf(httpCoreModule.loc);
    if (internal && !request.internal) return 404;
    limitMethods(request);
    const length = Number(request.header('content-length') ?? 0);
    if (clientMaxBodySize > 0 && length > clientMaxBodySize && !request.discardsBody) {
      request.error(`client intended to send too large body: ${length} bytes`);
      return 413;
    }
    if (found?.isWithoutSlash !== true) return undefined;
    request.response.location = pathWithArgs(`${request.uri}/`, request.args);
    return 301;
  }

  async #location(request: HttpRequest): Promise<Outcome> {
    const rewriting = this.#phase('rewrite', request);
    const rewritten = rewriting instanceof Promise ? await rewriting : rewriting;
    if (rewritten !== undefined) return rewritten;
    const early = await this.#phase('preaccess', request);
    if (early !== undefined) return early;
    const refused = await checkAccess(request, this.#access);
    if (refused !== undefined) return refused;
    const prepared = await this.#phase('precontent', request);
    if (prepared !== undefined) return prepared;
    const { handler } = request.conf(httpCoreModule.loc);
    return handler === undefined ? this.#phase('content', request) : handler(request);
  }

  /** Handlers that answer at once cost no promise. */
  #phase(name: PhaseName, request: HttpRequest): Outcome | Promise<Outcome> {
    const handlers = this.#handlers[name];
    for (const [index, handler] of handlers.entries()) {
      const outcome = handler(request);
      if (outcome instanceof Promise) return rest(outcome, handlers.slice(index + 1), request);
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  }
}

async function rest(first: Promise<Outcome>, handlers: readonly Handler[], request: HttpRequest): Promise<Outcome> {
  const known = await first;
  if (known !== undefined) return known;
  for (const handler of handlers) {
    const outcome = await handler(request);
    if (outcome !== undefined) return outcome;
  }
  return undefined;
}
