// proxy_redirect: what a peer says of itself in Location and Refresh is put into our words.
import { args, type ByteString, type ConfCursor, type Directive, Fault, whole } from '../../conf/directive.ts';
import { compileRegex } from '../../script/regex.ts';
import { compileValue, Value } from '../../script/value.ts';
import { VARIABLES } from '../main-conf.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpRegex, HttpValue } from '../script/script.ts';

/** What is replaced: the beginning of a value, or all of one that an expression matches. */
export interface RewriteRule {
  readonly pattern: HttpValue | HttpRegex;
  readonly replacement: HttpValue;
}

export interface HasRedirects {
  redirects: readonly RewriteRule[] | 'off' | undefined;
  /** What proxy_pass was given, where it has no variables. */
  passed:
    | { readonly url: ByteString; readonly uri: ByteString; readonly location: ByteString }
    | 'variables'
    | undefined;
}

/** `proxy_redirect default`. */
export function defaultRedirect({
  url,
  uri,
  location,
}: Exclude<HasRedirects['passed'], 'variables' | undefined>): RewriteRule {
  const [from, to] = uri === '' ? [`${url}/`, '/'] : [url, location];
  return { pattern: new Value([from]), replacement: new Value([to]) };
}

export const redirectDirective: Directive<HasRedirects> = {
  name: 'proxy_redirect',
  contexts: ['http', 'http.server', 'http.location'],
  arity: args(1, 2),
  doc: {
    syntax: 'proxy_redirect default | off | redirect replacement;',
    default: 'default',
    summary: 'How Location and Refresh of an answer are changed. default: the URL of proxy_pass becomes the location.',
    values: ['default', 'off'],
  },
  set: (cf, [pattern = '', replacement], conf) => {
    const known = conf.redirects;
    if (known === 'off' || (pattern === 'off' && replacement === undefined && known !== undefined)) {
      return new Fault('is duplicate');
    }
    if (replacement === undefined) {
      if (pattern === 'off') {
        conf.redirects = 'off';
        return undefined;
      }
      if (pattern !== 'default') return whole(`invalid parameter "${pattern}"`);
      if (conf.passed === undefined) {
        return whole('"proxy_redirect default" should be placed after the "proxy_pass" directive');
      }
      if (conf.passed === 'variables') {
        return whole('"proxy_redirect default" cannot be used with "proxy_pass" directive with variables');
      }
      conf.redirects = [...(known ?? []), defaultRedirect(conf.passed)];
      return undefined;
    }
    const rule = compileRule(cf, pattern, replacement);
    if (rule instanceof Fault) return rule;
    conf.redirects = [...(known ?? []), rule];
    return undefined;
  },
};

/** @param pattern text, or an expression behind `~` or `~*` */
export function compileRule(cf: ConfCursor, pattern: ByteString, replacement: ByteString): RewriteRule | Fault {
  const variables = cf.store.get(VARIABLES);
  const ignoreCase = pattern.startsWith('~*');
  const from = pattern.startsWith('~')
    ? compileRegex(pattern.slice(ignoreCase ? 2 : 1), { ignoreCase, variables })
    : compileValue(pattern, variables);
  if (from instanceof Fault) return from;
  const to = compileValue(replacement, variables);
  return to instanceof Fault ? to : { pattern: from, replacement: to };
}

/** By the first rule that fits. @returns undefined: none does */
export function rewriteBy(
  rules: readonly RewriteRule[],
  request: HttpRequest,
  value: ByteString,
): ByteString | undefined {
  for (const { pattern, replacement } of rules) {
    if (pattern instanceof Value) {
      const from = pattern.of(request);
      if (value.startsWith(from)) return replacement.of(request) + value.slice(from.length);
    } else if (pattern.matchOrLog(request, value)) {
      return replacement.of(request);
    }
  }
  return undefined;
}

/** `5; url=http://peer/` */
export function rewriteRefresh(
  rules: readonly RewriteRule[],
  request: HttpRequest,
  value: ByteString,
): ByteString | undefined {
  const url = /url=/i.exec(value);
  if (url === null) return undefined;
  const at = url.index + url[0].length;
  const changed = rewriteBy(rules, request, value.slice(at));
  return changed === undefined ? undefined : value.slice(0, at) + changed;
}
