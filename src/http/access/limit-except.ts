// limit_except: settings for requests with other methods than those that it names.
import { type Arity, type Directive, Fault, whole } from '../../conf/directive.ts';
import type { Store } from '../../conf/store.ts';
import { defineHttpModule } from '../define.ts';
import type { HttpRequest } from '../request/request.ts';
import { openLocation } from '../servers/open-location.ts';

interface LimitRaw {
  limit: MethodLimit | undefined;
}

interface MethodLimit {
  readonly methods: ReadonlySet<string>;
  /** Structs of the block. */
  readonly store: Store;
}

const METHODS = new Set(
  'GET HEAD POST PUT DELETE MKCOL COPY MOVE OPTIONS PROPFIND PROPPATCH LOCK UNLOCK PATCH'.split(' '),
);
const some: Arity = { kind: 'block', min: 1, max: Number.POSITIVE_INFINITY };

const limitExcept: Directive<LimitRaw> = {
  name: 'limit_except',
  contexts: ['http.location'],
  arity: some,
  doc: {
    syntax: 'limit_except method ... { ... }',
    summary: 'Settings for requests with other methods. GET stands for HEAD too.',
    values: [...METHODS],
  },
  set: (cf, words, conf) => {
    if (conf.limit !== undefined) return new Fault('is duplicate');
    const methods = new Set<string>();
    for (const word of words) {
      const method = word.toUpperCase();
      if (!METHODS.has(method)) return whole(`invalid method "${word}"`);
      methods.add(method);
      if (method === 'GET') methods.add('HEAD');
    }
    const { store } = openLocation(cf, { kind: 'nameless', text: '' }, 'http.limit_except');
    conf.limit = { methods, store };
    return undefined;
  },
};

export const limitExceptModule = defineHttpModule({
  name: 'limit except',
  loc: {
    create: (): LimitRaw => ({ limit: undefined }),
    directives: [limitExcept],
    merge: (_prev, raw): Readonly<LimitRaw> => raw,
  },
});

/** Has a request that has come to a location stand in its limit_except, where its method is not among those named. */
export function limitMethods(request: HttpRequest): void {
  const { limit } = request.conf(limitExceptModule.loc);
  if (limit !== undefined && !limit.methods.has(request.method)) request.store = limit.store;
}
