// Whether a location that has secrets, or changes something, is open to everybody who reaches its server.
import type { Store } from '../conf/store.ts';
import { formatAddress, type SocketAddress } from '../core/address.ts';
import { limitExceptModule } from './access/limit-except.ts';
import { accessModule } from './access/module.ts';
import { authBasicModule } from './auth-basic/module.ts';
import { authRequestModule } from './auth-request/module.ts';
import { httpCoreModule } from './servers/core-module.ts';
import { LOCATION_BLOCK } from './servers/location.ts';
import { httpSslModule } from './ssl/module.ts';

/** @param store of a location that is merged @returns the address; undefined: it is not, as far as can be told */
export function openAddress(store: Store): string | undefined {
  if (isProtected(store)) return undefined;
  const far = store.get(httpCoreModule.srv).listens.find(({ address }) => !isOfThisMachine(address));
  return far && formatAddress(far.address);
}

function isProtected(store: Store): boolean {
  const { realm, userFile } = store.get(authBasicModule.loc);
  return (
    store.get(httpCoreModule.loc).internal ||
    store.get(accessModule.loc).rules !== undefined ||
    (userFile !== undefined && realm !== undefined && realm.constant !== 'off') ||
    store.get(authRequestModule.loc).uri !== '' ||
    store.get(httpSslModule.srv).verifyClient !== 'off' ||
    store.get(limitExceptModule.loc).limit !== undefined ||
    // An if may say anything.
    store.get(LOCATION_BLOCK).inner.some(({ match }) => match.kind === 'nameless')
  );
}

const isOfThisMachine = (address: SocketAddress): boolean =>
  address.kind === 'unix' || /^(127\.|::1$)/.test(address.ip);
