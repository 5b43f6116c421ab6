// What the addresses keep of an http server: its names, and its TLS.
import type { Store } from '../../conf/store.ts';
import { httpSslModule } from '../ssl/module.ts';
import type { ServerEntry } from './addresses.ts';
import { httpCoreModule } from './core-module.ts';

export function serverEntry(store: Store, position: ServerEntry['position']): ServerEntry {
  const { names } = store.get(httpCoreModule.srv);
  return {
    store,
    position,
    names: names.map(({ name }) => name),
    name: names[0]?.text ?? '',
    ssl: store.get(httpSslModule.srv),
  };
}
