// All of http: the list of its modules, and its face. It is loaded when a configuration needs it (load.ts).

import type { Store } from '../conf/store.ts';
import type { ModuleEntry } from '../module/core-module.ts';
import { absentModule } from './absent/module.ts';
import { acceptedModule } from './accepted-module.ts';
import { limitExceptModule } from './access/limit-except.ts';
import { accessModule } from './access/module.ts';
import { satisfyModule } from './access/satisfy.ts';
import { charsetModule } from './answer/charset-module.ts';
import { errorPageModule } from './answer/error-page-module.ts';
import { headersModule } from './answer/headers-module.ts';
import { mimeModule } from './answer/mime.ts';
import { serverTokensModule } from './answer/server-tokens.ts';
import { apiModule } from './api/module.ts';
import { authBasicModule } from './auth-basic/module.ts';
import { authRequestModule } from './auth-request/module.ts';
import { createHttpModule } from './block.ts';
import { clientModule } from './connection/client-module.ts';
import { dashboardModule } from './dashboard/module.ts';
import type { HttpModuleEntry } from './define.ts';
import { HTTP, type HttpFace } from './face.ts';
import { fastcgiModule } from './fastcgi/module.ts';
import { healthzModule } from './healthz-module.ts';
import { httpAccessLogs, logModule } from './log/module.ts';
import { mailPassModule } from './mail-pass/module.ts';
import { HTTP_BLOCK } from './main-conf.ts';
import { Phases } from './phases.ts';
import { prometheusModule } from './prometheus/module.ts';
import { proxyModule } from './proxy/module.ts';
import { realipModule } from './realip-module.ts';
import { bodyFolders, requestBodyModule } from './request/body-module.ts';
import { rewriteModule } from './rewrite/module.ts';
import { HttpRuntime, httpErrorLogs, httpListenings } from './runtime.ts';
import { geoModule } from './script/geo-module.ts';
import { mapModule } from './script/map-module.ts';
import { splitClientsModule } from './script/split-clients-module.ts';
import { httpCoreModule } from './servers/core-module.ts';
import { httpSslModule } from './ssl/module.ts';
import { conditionalModule } from './static/conditional.ts';
import { fileConfModule } from './static/file-conf-module.ts';
import { indexModule } from './static/index-module.ts';
import { rangeModule } from './static/range-filter.ts';
import { rootModule } from './static/root-module.ts';
import { staticModule } from './static/static-module.ts';
import { tryFilesModule } from './static/try-files-module.ts';
import { statusZoneModule } from './status-zone-module.ts';
import { stubStatusModule } from './stub-status-module.ts';
import { upstreamModule } from './upstream/module.ts';
import { userTagModule } from './user-tag-module.ts';
import { versionsModule } from './versions-module.ts';

/** Structs are merged, and errors found, in this order, and within a phase their handlers run in it. */
const modules: readonly HttpModuleEntry[] = [
  httpCoreModule,
  logModule,
  userTagModule,
  clientModule,
  requestBodyModule,
  mimeModule,
  serverTokensModule,
  rootModule,
  fileConfModule,
  errorPageModule,
  upstreamModule,
  httpSslModule,
  proxyModule,
  fastcgiModule,
  realipModule,
  satisfyModule,
  limitExceptModule,
  accessModule,
  authBasicModule,
  authRequestModule,
  stubStatusModule,
  statusZoneModule,
  apiModule,
  prometheusModule,
  healthzModule,
  mailPassModule,
  dashboardModule,
  mapModule,
  geoModule,
  splitClientsModule,
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
  absentModule,
];

const usedModules = (cycle: Store): readonly HttpModuleEntry[] => {
  const { store } = cycle.get(HTTP_BLOCK);
  return store === undefined ? [] : modules.filter((module) => module.isUsed(store));
};

const face: HttpFace = {
  listenings: httpListenings,
  errorLogs: httpErrorLogs,
  accessLogs: httpAccessLogs,
  bodyFolders,
  serve: (store, worker) => new HttpRuntime(store, new Phases(usedModules(store)), worker),
};

const block = createHttpModule(modules);

export const httpModule: ModuleEntry = {
  ...block,
  create: (store) => {
    store.set(HTTP, face);
    block.create(store);
  },
};
