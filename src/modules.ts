// The list of modules, as nginx's ngx_modules[]: a new one is a folder and a line here.
import { absentModule } from './core/absent-module.ts';
import { coreModule } from './core/core-module.ts';
import { eventsModule } from './core/events-module.ts';
import { sharedZonesModule } from './core/shared-zones.ts';
import { absentModule as absentHttpModule } from './http/absent/module.ts';
import { acceptedModule } from './http/accepted-module.ts';
import { limitExceptModule } from './http/access/limit-except.ts';
import { accessModule } from './http/access/module.ts';
import { satisfyModule } from './http/access/satisfy.ts';
import { authBasicModule } from './http/auth-basic/module.ts';
import { authRequestModule } from './http/auth-request/module.ts';
import { createHttpModule } from './http/block.ts';
import { requestBodyModule } from './http/body-module.ts';
import { charsetModule } from './http/charset-module.ts';
import { clientModule } from './http/client-module.ts';
import { httpCoreModule } from './http/core-module.ts';
import type { HttpModuleEntry } from './http/define.ts';
import { errorPageModule } from './http/error-page-module.ts';
import { fastcgiModule } from './http/fastcgi/module.ts';
import { geoModule } from './http/geo/module.ts';
import { headersModule } from './http/headers-module.ts';
import { logModule } from './http/log/module.ts';
import { mapModule } from './http/map/module.ts';
import { mimeModule } from './http/mime.ts';
import { proxyModule as httpProxyModule } from './http/proxy/module.ts';
import { realipModule as httpRealipModule } from './http/realip-module.ts';
import { rewriteModule } from './http/rewrite/module.ts';
import { serverTokensModule } from './http/server-tokens.ts';
import { httpSslModule } from './http/ssl/module.ts';
import { conditionalModule } from './http/static/conditional.ts';
import { fileConfModule } from './http/static/file-conf-module.ts';
import { indexModule } from './http/static/index-module.ts';
import { rangeModule } from './http/static/range-filter.ts';
import { rootModule } from './http/static/root-module.ts';
import { staticModule } from './http/static/static-module.ts';
import { tryFilesModule } from './http/static/try-files-module.ts';
import { stubStatusModule } from './http/stub-status-module.ts';
import { upstreamModule } from './http/upstream/module.ts';
import { versionsModule } from './http/versions-module.ts';
import { authHttpModule } from './mail/auth-http/module.ts';
import { createMailModule } from './mail/block.ts';
import { coreModule as mailCoreModule } from './mail/core-module.ts';
import { imapModule } from './mail/imap/module.ts';
import { pop3Module } from './mail/pop3/module.ts';
import { proxyModule } from './mail/proxy/module.ts';
import { realipModule } from './mail/realip-module.ts';
import { smtpModule } from './mail/smtp/module.ts';
import { sslModule } from './mail/ssl/module.ts';
import type { ModuleEntry } from './module/core-module.ts';
import { tlsModule } from './net/tls/module.ts';

/** Structs are merged, and errors found, in this order. */
const mailModules = [
  mailCoreModule,
  sslModule,
  pop3Module,
  imapModule,
  smtpModule,
  authHttpModule,
  proxyModule,
  realipModule,
];

/** The same, and within a phase their handlers run in this order. */
export const httpModules: readonly HttpModuleEntry[] = [
  httpCoreModule,
  logModule,
  clientModule,
  requestBodyModule,
  mimeModule,
  serverTokensModule,
  rootModule,
  fileConfModule,
  errorPageModule,
  upstreamModule,
  httpSslModule,
  httpProxyModule,
  fastcgiModule,
  httpRealipModule,
  satisfyModule,
  limitExceptModule,
  accessModule,
  authBasicModule,
  authRequestModule,
  stubStatusModule,
  mapModule,
  geoModule,
  rewriteModule,
  tryFilesModule,
  indexModule,
  staticModule,
  conditionalModule,
  headersModule,
  charsetModule,
  rangeModule,
  acceptedModule,
  versionsModule,
  absentHttpModule,
];

export const modules: readonly ModuleEntry[] = [
  coreModule,
  sharedZonesModule,
  tlsModule,
  eventsModule,
  absentModule,
  createHttpModule(httpModules),
  createMailModule(mailModules),
];
