// The http fastcgi module (ngx_http_fastcgi_module): requests are passed on to FastCGI applications, such as php-fpm.
import { args, type Directive, Fault } from '../../conf/directive.ts';
import { flagSlot, listSlot, stringSlot } from '../../conf/slots.ts';
import { compileValue } from '../../script/value.ts';
import type { NextOn } from '../../upstream/next-upstream.ts';
import { defineHttpModule, type Handler, type HttpModule } from '../define.ts';
import { VARIABLES } from '../main-conf.ts';
import { httpCoreModule } from '../servers/core-module.ts';
import { UPSTREAMS } from '../upstream/context.ts';
import { IdlePools } from '../upstream/idle-pool.ts';
import { settingsDirectives } from '../upstream/settings.ts';
import { storageDirectives } from '../upstream/storage.ts';
import { type FastcgiConf, type FastcgiRaw, mergeFastcgi, NO_FASTCGI } from './conf.ts';
import { paramDirective } from './parameters.ts';
import { passToApplication } from './pass.ts';
import { scriptVariables, splitDirective } from './script.ts';

const everywhere = { contexts: ['http', 'http.server', 'http.location'] } as const;

const NEXT_ON: readonly NextOn[] = [
  'error',
  'timeout',
  'invalid_header',
  'non_idempotent',
  'http_500',
  'http_503',
  'http_403',
  'http_404',
  'http_429',
  'updating',
  'off',
];

const handler: Handler = (request) =>
  passToApplication(request, request.conf(fastcgiModule.loc), request.conf(fastcgiModule.main).pools);

const fastcgiPass: Directive<FastcgiRaw> = {
  name: 'fastcgi_pass',
  contexts: ['http.location', 'http.location.if'],
  arity: args(1),
  doc: {
    syntax: 'fastcgi_pass address;',
    summary: 'Passes requests on to a FastCGI application: host:port, unix:path, or an upstream. May have variables.',
  },
  set: (cf, [text = ''], conf) => {
    if (conf.target !== undefined) return new Fault('is duplicate');
    cf.store.get(httpCoreModule.locRaw).handler = handler;
    const value = compileValue(text, cf.store.get(VARIABLES));
    if (value instanceof Fault) return value;
    const target = value.constant === undefined ? value : cf.store.get(UPSTREAMS).refer(cf, text, undefined, false);
    if (target instanceof Fault) return target;
    conf.target = target;
    return undefined;
  },
};

interface FastcgiMain {
  /** Connections that are kept between requests. */
  readonly pools: IdlePools;
}

export const fastcgiModule: HttpModule<FastcgiMain, never, never, FastcgiRaw, FastcgiConf> = defineHttpModule({
  name: 'fastcgi',
  main: { create: (): FastcgiMain => ({ pools: new IdlePools() }) },
  loc: {
    create: (): FastcgiRaw => ({ ...NO_FASTCGI }),
    directives: [
      fastcgiPass,
      paramDirective,
      stringSlot('fastcgi_index', 'index', {
        ...everywhere,
        syntax: 'fastcgi_index name;',
        summary: 'What $fastcgi_script_name gets behind a URI that ends with a slash.',
      }),
      splitDirective,
      flagSlot('fastcgi_keep_conn', 'keepConn', {
        ...everywhere,
        syntax: 'fastcgi_keep_conn on | off;',
        default: 'off',
        summary: 'Asks the application to keep the connection, for more requests.',
      }),
      listSlot('fastcgi_catch_stderr', 'catches', {
        ...everywhere,
        syntax: 'fastcgi_catch_stderr string;',
        summary: 'What in the error output of an application makes its answer invalid. May be repeated.',
      }),
      ...settingsDirectives('fastcgi', everywhere.contexts, NEXT_ON),
      ...storageDirectives('fastcgi'),
    ],
    merge: mergeFastcgi,
  },
  variables: scriptVariables((request) => request.conf(fastcgiModule.loc).script),
});
