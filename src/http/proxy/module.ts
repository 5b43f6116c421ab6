// The http proxy module (ngx_http_proxy_module): requests are passed on to HTTP servers.
import { args, type Directive, Fault } from '../../conf/directive.ts';
import { enumSlot, slot } from '../../conf/slots.ts';
import { compileValue } from '../../script/value.ts';
import type { NextOn } from '../../upstream/next-upstream.ts';
import { defineHttpModule, type Handler, type HttpModule } from '../define.ts';
import { VARIABLES } from '../main-conf.ts';
import type { HttpValue } from '../script/script.ts';
import { IdlePools } from '../upstream/idle-pool.ts';
import { settingsDirectives } from '../upstream/settings.ts';
import { storageDirectives } from '../upstream/storage.ts';
import { mergeProxy, NO_PROXY, type ProxyConf, type ProxyRaw } from './conf.ts';
import { cookieDirectives } from './cookies.ts';
import { passOn } from './pass.ts';
import { redirectDirective } from './redirect.ts';
import { sslDirectives } from './ssl.ts';
import { proxyPassDirective } from './target.ts';
import { proxyVariables } from './variables.ts';

const everywhere = { contexts: ['http', 'http.server', 'http.location'] } as const;

const NEXT_ON: readonly NextOn[] = [
  'error',
  'timeout',
  'invalid_header',
  'non_idempotent',
  'http_500',
  'http_502',
  'http_503',
  'http_504',
  'http_403',
  'http_404',
  'http_429',
  'updating',
  'off',
];

const setHeader: Directive<Pick<ProxyRaw, 'fields'>> = {
  name: 'proxy_set_header',
  ...everywhere,
  arity: args(2),
  doc: {
    syntax: 'proxy_set_header name value;',
    default: 'Host $proxy_host',
    summary:
      "A header of requests to servers, in place of the client's; an empty value leaves it out. May be repeated.",
  },
  set: (cf, [name = '', text = ''], conf) => {
    const value = compileValue(text, cf.store.get(VARIABLES));
    if (value instanceof Fault) return value;
    conf.fields ??= [];
    conf.fields.push({ name, value });
    return undefined;
  },
};

const valueSlot = <K extends 'method' | 'body'>(name: string, key: K, syntax: string, summary: string) =>
  slot<K, HttpValue>(name, key, args(1), { ...everywhere, syntax, summary }, ([text = ''], cf) =>
    compileValue(text, cf.store.get(VARIABLES)),
  );

const handler: Handler = (request) =>
  passOn(request, request.conf(proxyModule.loc), request.conf(proxyModule.main).pools);

interface ProxyMain {
  /** Connections that are kept between requests. */
  readonly pools: IdlePools;
}

export const proxyModule: HttpModule<ProxyMain, never, never, ProxyRaw, ProxyConf> = defineHttpModule({
  name: 'proxy',
  main: { create: (): ProxyMain => ({ pools: new IdlePools() }) },
  loc: {
    create: (): ProxyRaw => ({ ...NO_PROXY }),
    directives: [
      proxyPassDirective(handler),
      setHeader,
      valueSlot('proxy_method', 'method', 'proxy_method method;', 'The method of requests to servers.'),
      valueSlot('proxy_set_body', 'body', 'proxy_set_body value;', "The body of requests, in place of the client's."),
      enumSlot(
        'proxy_http_version',
        'version',
        { '1.0': '1.0', '1.1': '1.1' },
        {
          ...everywhere,
          syntax: 'proxy_http_version 1.0 | 1.1;',
          default: '1.1',
          summary: 'The version spoken to servers. Connections are kept with 1.1.',
        },
      ),
      redirectDirective,
      ...cookieDirectives,
      ...sslDirectives,
      ...settingsDirectives('proxy', everywhere.contexts, NEXT_ON),
      ...storageDirectives('proxy'),
    ],
    merge: mergeProxy,
  },
  variables: proxyVariables,
});
