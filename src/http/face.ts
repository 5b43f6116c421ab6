// What processes use of http. It is in the store of a cycle whose configuration has something of http.
import type { ByteString } from '../conf/directive.ts';
import { Key, type Store } from '../conf/store.ts';
import type { ErrorLogSpec } from '../core/error-log.ts';
import type { LineTarget } from '../core/log-book.ts';
import type { ListeningSpec } from '../net/listen/listening.ts';
import type { LocalListening } from '../net/loopback/loopback.ts';
import type { HttpWorker } from './worker.ts';

/** The servers of a worker. */
export interface HttpServers {
  readonly listenings: readonly LocalListening[];
  /** Graceful stop: calls back when the last connection has ended. */
  drain(onIdle: () => void): void;
  /** Closes everything at once. */
  terminate(): void;
}

export interface HttpFace {
  listenings(store: Store): readonly ListeningSpec[];
  /** The logs that servers and locations have of their own. */
  errorLogs(store: Store): readonly ErrorLogSpec[];
  accessLogs(store: Store): readonly LineTarget[];
  /** For bodies of requests. @param usual where the configuration names none */
  bodyFolders(store: Store, usual: ByteString): readonly ByteString[];
  serve(store: Store, worker: HttpWorker): HttpServers;
}

export const HTTP = new Key<HttpFace>('http (face)');

export const httpOf = (store: Store): HttpFace | undefined => (store.has(HTTP) ? store.get(HTTP) : undefined);
