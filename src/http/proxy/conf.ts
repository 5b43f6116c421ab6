// The structs of the proxy module, and how a location's is made of its own directives and those above it.
import type { ByteString } from '../../conf/directive.ts';
import type { ClientTls } from '../../net/tls/client-context.ts';
import type { HasOnce } from '../absent/group.ts';
import type { MergeContext } from '../define.ts';
import type { HttpValue } from '../script/script.ts';
import { LOCATION_BLOCK } from '../servers/location.ts';
import { type AnswerRules, hiddenFields } from '../upstream/answer.ts';
import { interceptor } from '../upstream/intercept.ts';
import { mergeSettings, NO_SETTINGS, type SettingsRaw, type UpstreamSettings } from '../upstream/settings.ts';
import { type HasCookieRules, rewriteCookie } from './cookies.ts';
import { defaultRedirect, type RewriteRule, rewriteBy, rewriteRefresh } from './redirect.ts';
import type { HttpVersion, OwnField } from './request-head.ts';
import { mergeSsl, NO_SSL, type ProxySslRaw, proxyTls } from './ssl.ts';
import type { HasTarget, ProxyTarget } from './target.ts';

export interface ProxyRaw extends SettingsRaw, ProxySslRaw, HasTarget, HasCookieRules, HasOnce {
  fields: OwnField[] | undefined;
  method: HttpValue | undefined;
  body: HttpValue | undefined;
  version: HttpVersion | undefined;
}

export const NO_PROXY: ProxyRaw = {
  ...NO_SETTINGS,
  ...NO_SSL,
  once: undefined,
  target: undefined,
  passed: undefined,
  redirects: undefined,
  cookieDomains: undefined,
  cookiePaths: undefined,
  cookieFlags: undefined,
  fields: undefined,
  method: undefined,
  body: undefined,
  version: undefined,
};

export interface ProxyConf {
  /** Of this level and those above it. */
  readonly raw: Readonly<ProxyRaw>;
  readonly settings: UpstreamSettings;
  readonly target: ProxyTarget | undefined;
  readonly fields: readonly OwnField[];
  readonly method: HttpValue | undefined;
  /** In place of the client's. */
  readonly body: HttpValue | undefined;
  readonly version: HttpVersion;
  /** undefined: no request of this location goes by https. */
  readonly tls: ClientTls | undefined;
  readonly tlsName: HttpValue | undefined;
  readonly tlsSendsName: boolean;
  readonly answer: AnswerRules;
}

/** What clients do not get besides X-Accel-… */
const HIDDEN = ['date', 'server', 'x-pad'];

/** @throws ConfError */
export function mergeProxy(prev: ProxyConf | undefined, own: Readonly<ProxyRaw>, cx: MergeContext): ProxyConf {
  const above = prev?.raw ?? NO_PROXY;
  const settings = mergeSettings('proxy', prev?.settings, own, cx.position);
  const ssl = mergeSsl(above, own);
  // An if within a location passes on where the location does.
  const isBranch = cx.store.has(LOCATION_BLOCK) && cx.store.get(LOCATION_BLOCK).match.kind === 'nameless';
  const origin = own.target === undefined && isBranch ? above : own;
  const { target, passed } = origin;
  const raw: ProxyRaw = {
    ...settings.raw,
    ...ssl,
    once: undefined,
    target,
    passed,
    redirects: own.redirects ?? above.redirects,
    cookieDomains: own.cookieDomains ?? above.cookieDomains,
    cookiePaths: own.cookiePaths ?? above.cookiePaths,
    cookieFlags: own.cookieFlags ?? above.cookieFlags,
    fields: own.fields ?? above.fields,
    method: own.method ?? above.method,
    body: own.body ?? above.body,
    version: own.version ?? above.version,
  };
  const isSecure = target !== undefined && (target.kind === 'variable' || target.scheme === 'https');
  return {
    raw,
    settings,
    target,
    fields: raw.fields ?? [],
    method: raw.method,
    body: raw.body,
    version: raw.version ?? '1.1',
    tls: isSecure ? proxyTls(ssl, cx.env) : undefined,
    tlsName: raw.name,
    tlsSendsName: raw.serverName ?? false,
    answer: answerRules(raw, settings),
  };
}

function answerRules(raw: Readonly<ProxyRaw>, settings: UpstreamSettings): AnswerRules {
  const redirects = redirectRules(raw);
  const cookies = {
    domains: listOf(raw.cookieDomains),
    paths: listOf(raw.cookiePaths),
    flags: listOf(raw.cookieFlags),
  };
  return {
    hidden: hiddenFields(HIDDEN, settings.passHeaders, settings.hideHeaders),
    ignored: settings.ignoreHeaders,
    intercepts: interceptor(settings),
    rewriteLocation: (request, value: ByteString) => rewriteBy(redirects, request, value),
    rewriteRefresh: (request, value: ByteString) => rewriteRefresh(redirects, request, value),
    rewriteCookie: (request, value: ByteString) => rewriteCookie(cookies, request, value),
  };
}

function redirectRules({ redirects, passed }: Readonly<ProxyRaw>): readonly RewriteRule[] {
  if (redirects === 'off') return [];
  if (redirects !== undefined) return redirects;
  return passed === undefined || passed === 'variables' ? [] : [defaultRedirect(passed)];
}

const listOf = <T>(rules: readonly T[] | 'off' | undefined): readonly T[] =>
  rules === 'off' || rules === undefined ? [] : rules;
