// proxy_cookie_domain, proxy_cookie_path and proxy_cookie_flags: what a peer's Set-Cookie says is put into our words.
import { args, type ByteString, type Directive, Fault, whole } from '../../conf/directive.ts';
import { compileRegex } from '../../script/regex.ts';
import { compileValue, Value } from '../../script/value.ts';
import { VARIABLES } from '../main-conf.ts';
import type { HttpRequest } from '../request/request.ts';
import type { HttpRegex, HttpValue } from '../script/script.ts';
import { compileRule, type RewriteRule, rewriteBy } from './redirect.ts';

interface FlagRule {
  readonly cookie: HttpValue | HttpRegex;
  readonly flags: readonly HttpValue[];
}

export interface HasCookieRules {
  cookieDomains: readonly RewriteRule[] | 'off' | undefined;
  cookiePaths: readonly RewriteRule[] | 'off' | undefined;
  cookieFlags: readonly FlagRule[] | 'off' | undefined;
}

export interface CookieRules {
  readonly domains: readonly RewriteRule[];
  readonly paths: readonly RewriteRule[];
  readonly flags: readonly FlagRule[];
}

const everywhere = { contexts: ['http', 'http.server', 'http.location'] } as const;

function rewriteDirective(name: string, key: 'cookieDomains' | 'cookiePaths', what: string): Directive<HasCookieRules> {
  return {
    name,
    ...everywhere,
    arity: args(1, 2),
    doc: {
      syntax: `${name} off | ${what} replacement;`,
      default: 'off',
      summary: `How the ${what} attribute of a Set-Cookie is changed.`,
      values: ['off'],
    },
    set: (cf, [pattern = '', replacement], conf) => {
      const known = conf[key];
      if (known === 'off' || (replacement === undefined && pattern === 'off' && known !== undefined)) {
        return new Fault('is duplicate');
      }
      if (replacement === undefined) {
        if (pattern !== 'off') return whole(`invalid parameter "${pattern}"`);
        conf[key] = 'off';
        return undefined;
      }
      const rule = compileRule(cf, pattern, replacement);
      if (rule instanceof Fault) return rule;
      conf[key] = [...(known ?? []), rule];
      return undefined;
    },
  };
}

export const cookieDirectives: readonly Directive<HasCookieRules>[] = [
  rewriteDirective('proxy_cookie_domain', 'cookieDomains', 'domain'),
  rewriteDirective('proxy_cookie_path', 'cookiePaths', 'path'),
  {
    name: 'proxy_cookie_flags',
    ...everywhere,
    arity: args(1, 4),
    doc: {
      syntax: 'proxy_cookie_flags off | cookie [flag ...];',
      default: 'off',
      summary: 'Flags that a Set-Cookie gets, or loses with "no" before the name. The cookie may be a ~regex.',
      values: ['off', 'secure', 'nosecure', 'httponly', 'nohttponly', 'samesite=strict', 'samesite=lax', 'nosamesite'],
    },
    set: (cf, [cookie = '', ...words], conf) => {
      const known = conf.cookieFlags;
      if (known === 'off' || (words.length === 0 && cookie === 'off' && known !== undefined)) {
        return new Fault('is duplicate');
      }
      if (words.length === 0) {
        if (cookie !== 'off') return whole(`invalid parameter "${cookie}"`);
        conf.cookieFlags = 'off';
        return undefined;
      }
      const variables = cf.store.get(VARIABLES);
      const name = cookie.startsWith('~')
        ? compileRegex(cookie.slice(1), { ignoreCase: true, variables })
        : compileValue(cookie, variables);
      if (name instanceof Fault) return name;
      const flags: HttpValue[] = [];
      for (const word of words) {
        const value = compileValue(word, variables);
        if (value instanceof Fault) return value;
        flags.push(value);
      }
      conf.cookieFlags = [...(known ?? []), { cookie: name, flags }];
      return undefined;
    },
  },
];

/** @returns undefined: it stays as it is */
export function rewriteCookie(rules: CookieRules, request: HttpRequest, value: ByteString): ByteString | undefined {
  if (rules.domains.length + rules.paths.length + rules.flags.length === 0) return undefined;
  const [first = '', ...rest] = value.split(';');
  const attributes = rest.map((text) => changeAttribute(rules, request, text.trim()));
  const name = /^\s*([^=]*?)\s*=/.exec(first)?.[1];
  const rule = name === undefined ? undefined : rules.flags.find(({ cookie }) => isNamed(cookie, request, name));
  const flagged = (rule?.flags ?? []).reduce((all, flag) => applyFlag(all, request, flag.of(request)), attributes);
  return [first, ...flagged].join('; ');
}

function changeAttribute(rules: CookieRules, request: HttpRequest, text: ByteString): ByteString {
  const [, name = '', value] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  const key = name.toLowerCase();
  if (value === undefined || (key !== 'domain' && key !== 'path')) return text;
  const changed = key === 'path' ? rewriteBy(rules.paths, request, value) : changeDomain(rules.domains, request, value);
  return changed === undefined ? text : `${name}=${changed}`;
}

/** A domain is compared as a whole, in any case, and without a dot before it, which stays with plain ones. */
function changeDomain(rules: readonly RewriteRule[], request: HttpRequest, value: ByteString): ByteString | undefined {
  const dot = value.startsWith('.') ? '.' : '';
  const bare = value.slice(dot.length).toLowerCase();
  for (const rule of rules) {
    if (!(rule.pattern instanceof Value)) {
      const changed = rewriteBy([rule], request, bare);
      if (changed !== undefined) return changed;
    } else if (rule.pattern.of(request).replace(/^\./, '').toLowerCase() === bare) {
      return dot + rule.replacement.of(request).replace(/^\./, '');
    }
  }
  return undefined;
}

const isNamed = (cookie: HttpValue | HttpRegex, request: HttpRequest, name: ByteString): boolean =>
  cookie instanceof Value
    ? cookie.of(request).toLowerCase() === name.toLowerCase()
    : cookie.execOrLog(request, name) !== undefined;

function applyFlag(attributes: readonly ByteString[], request: HttpRequest, flag: ByteString): ByteString[] {
  const [, no, key = '', value] = /^(no)?(secure|httponly|samesite)(?:=(strict|lax|none))?$/i.exec(flag) ?? [];
  if (key === '') {
    if (flag !== '') request.error(`invalid proxy_cookie_flags flag "${flag}"`);
    return [...attributes];
  }
  const name = { secure: 'Secure', httponly: 'HttpOnly', samesite: 'SameSite' }[key.toLowerCase()] ?? key;
  const others = attributes.filter((text) => text.split('=', 1)[0]?.toLowerCase() !== key.toLowerCase());
  if (no !== undefined) return others;
  if (value === undefined) return [...others, name];
  return [...others, `${name}=${value.charAt(0).toUpperCase()}${value.slice(1).toLowerCase()}`];
}
