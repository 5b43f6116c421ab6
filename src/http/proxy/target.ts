// Where proxy_pass leads: a URL that is known from the start, or one made of variables for each request.
import { args, type ByteString, type Directive, Fault, whole } from '../../conf/directive.ts';
import { compileValue } from '../../script/value.ts';
import type { Handler } from '../define.ts';
import { VARIABLES } from '../main-conf.ts';
import type { HttpValue } from '../script/script.ts';
import { httpCoreModule } from '../servers/core-module.ts';
import { LOCATION_BLOCK } from '../servers/location.ts';
import { type HttpReference, UPSTREAMS } from '../upstream/context.ts';
import type { HasRedirects } from './redirect.ts';

export type Scheme = 'http' | 'https';

export type ProxyTarget =
  | {
      readonly kind: 'fixed';
      readonly scheme: Scheme;
      readonly reference: HttpReference;
      readonly uri: ByteString;
      /** What the URI takes the place of. */
      readonly location: ByteString;
    }
  | { readonly kind: 'variable'; readonly url: HttpValue };

export interface HasTarget extends HasRedirects {
  target: ProxyTarget | undefined;
}

export const defaultPortOf = (scheme: Scheme): number => (scheme === 'https' ? 443 : 80);

/** `http://` and `https://` in any case. @returns undefined: another one, or none */
export function splitScheme(url: ByteString): { readonly scheme: Scheme; readonly rest: ByteString } | undefined {
  const [, scheme = '', rest = ''] = /^(https?):\/\/(.*)$/is.exec(url) ?? [];
  if (scheme === '') return undefined;
  return { scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http', rest };
}

const NO_URI =
  '"proxy_pass" cannot have URI part in location given by regular expression, or inside named location, ' +
  'or inside "if" statement, or inside "limit_except" block';

/** @param handler what answers requests for the location */
export const proxyPassDirective = (handler: Handler): Directive<HasTarget> => ({
  name: 'proxy_pass',
  contexts: ['http.location', 'http.location.if', 'http.limit_except'],
  arity: args(1),
  doc: {
    syntax: 'proxy_pass URL;',
    summary: 'Passes requests on to an HTTP server or an upstream. With variables, names need a resolver.',
  },
  set: (cf, [url = ''], conf) => {
    if (conf.target !== undefined) return new Fault('is duplicate');
    const { match } = cf.store.get(LOCATION_BLOCK);
    cf.store.get(httpCoreModule.locRaw).handler = handler;
    const value = compileValue(url, cf.store.get(VARIABLES));
    if (value instanceof Fault) return value;
    if (value.constant === undefined) {
      conf.target = { kind: 'variable', url: value };
      conf.passed = 'variables';
      return undefined;
    }
    const split = splitScheme(url);
    if (split === undefined) return whole('invalid URL prefix');
    const { scheme, rest } = split;
    const reference = cf.store.get(UPSTREAMS).refer(cf, rest, defaultPortOf(scheme), true);
    if (reference instanceof Fault) return reference;
    const { uri } = reference.url;
    const takesUri = match.kind === 'exact' || match.kind === 'prefix' || match.kind === 'no-regex';
    if (uri !== '' && !takesUri) return whole(NO_URI);
    const path = uri.startsWith('?') ? `/${uri}` : uri;
    const location = takesUri ? match.text : '';
    conf.target = { kind: 'fixed', scheme, reference, uri: path, location };
    conf.passed = { url, uri, location };
    return undefined;
  },
});
