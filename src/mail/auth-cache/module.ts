// The auth_http_cache module: what an auth server has said is used again for a while.
import { defineMailModule } from '../define.ts';
import { type AuthCacheConf, type AuthCacheRaw, authCacheConf, cacheDirectives } from './conf.ts';

interface AuthCacheSrv {
  /** undefined: every login is asked about. */
  readonly cache: AuthCacheConf | undefined;
}

export const authCacheModule = defineMailModule({
  name: 'auth_http_cache',
  createMainConf: () => undefined,
  createSrvConf: (): AuthCacheRaw => ({ zone: undefined, okMs: undefined, failMs: undefined }),
  srvDirectives: cacheDirectives,
  mergeSrvConf: (prev, conf): AuthCacheSrv => ({ cache: authCacheConf(prev, conf) }),
});
