// The routes of the API: a path, and what each method does there.
import type { ByteString } from '../../conf/directive.ts';
import type { Control } from '../../control/control.ts';
import type { StatsRegistry } from '../../stats/registry.ts';
import type { Everything } from '../../stats/status.ts';
import type { HttpRequest } from '../request/request.ts';
import type { Json, JsonObject } from './json.ts';

export const READING: ApiMethod = 'GET';
/** All but the first need `write=on`. */
export const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'] as const;
export type ApiMethod = (typeof METHODS)[number];

/** @throws where what comes of an order is not known in time */
export type Asker = Pick<Control, 'ask'>;

export interface ApiCall {
  readonly request: HttpRequest;
  readonly control: Asker;
  /** What this process knows of its configuration. */
  readonly registry: StatsRegistry;
  /** What the path has in place of `:name` and `*name`, in turn. */
  readonly names: readonly ByteString[];
}

export type ApiResult =
  | { readonly kind: 'value'; readonly value: Json; readonly status?: number }
  /** Things by name: `fields` is about each of them, and an empty one leaves the names. */
  | { readonly kind: 'named'; readonly value: JsonObject }
  | { readonly kind: 'list'; readonly value: readonly Json[] }
  /** 204: it is done. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'error'; readonly status: number; readonly text: string; readonly code: string };

export type ApiHandler = (call: ApiCall) => ApiResult | Promise<ApiResult>;

export interface Route {
  /** `/mail/upstreams/:name`; `*name` is all that follows, slashes too, but for the words behind it. */
  readonly path: string;
  readonly methods: Readonly<Partial<Record<ApiMethod, ApiHandler>>>;
}

export interface Found {
  readonly route: Route;
  readonly names: readonly ByteString[];
}

/** Of what shows numbers: all processes have been asked for theirs. */
export interface CountedCall extends ApiCall {
  readonly everything: Everything;
}

export const counted =
  (answer: (call: CountedCall) => ApiResult): ApiHandler =>
  async (call) =>
    answer({ ...call, everything: await call.request.client.services.status.all() });

export const value = (it: Json): ApiResult => ({ kind: 'value', value: it });
export const named = (it: JsonObject): ApiResult => ({ kind: 'named', value: it });
export const NOTHING: ApiResult = { kind: 'nothing' };
export const list = (it: readonly Json[]): ApiResult => ({ kind: 'list', value: it });

export const error = (status: number, text: string, code: string): ApiResult => ({ kind: 'error', status, text, code });
export const notFound = (text: string, code: string): ApiResult => error(404, text, code);

/** @param path without the version; whether it ends in a slash makes no difference */
export function findRoute(routes: readonly Route[], path: ByteString): Found | undefined {
  const words = wordsOf(path);
  for (const route of routes) {
    const names = match(wordsOf(route.path), words);
    if (names !== undefined) return { route, names };
  }
  return undefined;
}

const wordsOf = (path: ByteString): readonly ByteString[] => path.split('/').filter((word) => word !== '');

function match(pattern: readonly string[], words: readonly ByteString[]): ByteString[] | undefined {
  const names: ByteString[] = [];
  for (const [i, part] of pattern.entries()) {
    const word = words[i];
    if (word === undefined) return undefined;
    if (part.startsWith('*')) {
      const rest = pattern.slice(i + 1);
      const end = words.length - rest.length;
      const isEnd = end > i && rest.every((name, k) => name === words[end + k]);
      return isEnd ? [...names, words.slice(i, end).join('/')] : undefined;
    }
    if (part.startsWith(':')) names.push(word);
    else if (part !== word) return undefined;
  }
  return words.length === pattern.length ? names : undefined;
}
