// Reads a block that has location structs of its own: location, if, limit_except.
import type { ConfCursor } from '../../conf/directive.ts';
import { Store } from '../../conf/store.ts';
import { HTTP_MODULES } from '../define.ts';
import { LOCATION_BLOCK, type LocationBlock, type LocationMatch } from './location.ts';

export function openLocation(
  cf: ConfCursor,
  match: LocationMatch,
  context: 'http.location' | 'http.location.if' | 'http.server.if' | 'http.limit_except',
): LocationBlock {
  const store = new Store(cf.store);
  for (const module of cf.store.get(HTTP_MODULES)) module.createLoc(store);
  const location: LocationBlock = { match, store, inner: [] };
  store.set(LOCATION_BLOCK, location);
  cf.store.get(LOCATION_BLOCK).inner.push(location);
  cf.block(context, store);
  return location;
}
