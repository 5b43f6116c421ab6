// The list of modules, as nginx's ngx_modules[]: a new one is a folder and a line here, or in http/http.ts.

import { controlModule } from './control/module.ts';
import { absentModule } from './core/absent-module.ts';
import { coreModule } from './core/core-module.ts';
import { eventsModule } from './core/events-module.ts';
import { sharedZonesModule } from './core/shared-zones.ts';
import { httpModule } from './http/load.ts';
import { accessModule } from './mail/access-module.ts';
import { authCacheModule } from './mail/auth-cache/module.ts';
import { authHttpModule } from './mail/auth-http/module.ts';
import { backendModule } from './mail/backend/module.ts';
import { backendTlsModule } from './mail/backend-tls/module.ts';
import { createMailModule } from './mail/block.ts';
import { coreModule as mailCoreModule } from './mail/core-module.ts';
import { healthModule } from './mail/health/module.ts';
import { imapModule } from './mail/imap/module.ts';
import { logModule } from './mail/log/module.ts';
import { pop3Module } from './mail/pop3/module.ts';
import { proxyModule } from './mail/proxy/module.ts';
import { realipModule } from './mail/realip-module.ts';
import { geoModule, mapModule, splitClientsModule } from './mail/script/modules.ts';
import { setModule } from './mail/set-module.ts';
import { smtpModule } from './mail/smtp/module.ts';
import { sslModule } from './mail/ssl/module.ts';
import { statusZoneModule } from './mail/status-zone-module.ts';
import { upstreamModule } from './mail/upstream/module.ts';
import { userTagModule } from './mail/user-tag-module.ts';
import { websocketModule } from './mail/websocket/module.ts';
import type { ModuleEntry } from './module/core-module.ts';
import { passesModule } from './net/loopback/passes.ts';
import { tlsModule } from './net/tls/module.ts';
import { statsModule } from './stats/module.ts';
import { peerZonesModule } from './upstream/peer-zones-module.ts';

/** Structs are merged, and errors found, in this order. */
const mailModules = [
  mailCoreModule,
  upstreamModule,
  sslModule,
  websocketModule,
  pop3Module,
  imapModule,
  smtpModule,
  authHttpModule,
  authCacheModule,
  proxyModule,
  backendModule,
  backendTlsModule,
  healthModule,
  realipModule,
  accessModule,
  mapModule,
  geoModule,
  splitClientsModule,
  setModule,
  logModule,
  userTagModule,
  statusZoneModule,
];

export const modules: readonly ModuleEntry[] = [
  coreModule,
  sharedZonesModule,
  peerZonesModule,
  statsModule,
  controlModule,
  tlsModule,
  passesModule,
  eventsModule,
  absentModule,
  httpModule,
  createMailModule(mailModules),
];
