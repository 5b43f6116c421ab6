// A mail server at run time: its merged structs at hand, with the log and the resolver that they ask for.
import type { Store } from '../conf/store.ts';
import type { Log } from '../core/log.ts';
import type { Resolver } from '../core/resolver/resolver.ts';
import { type AuthHttpConf, authHttpModule } from './auth-http/module.ts';
import type { BufferPool } from './command/buffer-pool.ts';
import { coreModule, type MailCoreConf } from './core-module.ts';
import { type ProxyConf, proxyModule } from './proxy/module.ts';
import { type RealipConf, realipModule } from './realip-module.ts';
import type { SslConf } from './ssl/conf.ts';
import { sslModule } from './ssl/module.ts';

export interface MailServer {
  readonly store: Store;
  readonly core: MailCoreConf;
  readonly ssl: SslConf;
  readonly authHttp: AuthHttpConf;
  readonly proxy: ProxyConf;
  readonly realip: RealipConf;
  readonly log: Log;
  readonly resolver: Resolver | undefined;
  readonly pool: BufferPool;
}

/** Looks every struct up once, so that no session has to. */
export function mailServer(store: Store, log: Log, resolver: Resolver | undefined, pool: BufferPool): MailServer {
  return {
    store,
    core: store.get(coreModule.srv),
    ssl: store.get(sslModule.srv),
    authHttp: store.get(authHttpModule.srv),
    proxy: store.get(proxyModule.srv),
    realip: store.get(realipModule.srv),
    log,
    resolver,
    pool,
  };
}
