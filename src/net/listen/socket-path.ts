// Names of unix sockets: bytes in the configuration, UTF-8 text for libuv.
import type { ByteString } from '../../conf/directive.ts';

/** libuv writes a path as UTF-8; bytes that are none cannot be said to it, and come out as another name. */
export function socketPath(path: ByteString): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}

/** False for a path whose socket would get another name. */
export function isSayable(path: ByteString): boolean {
  return Buffer.from(socketPath(path), 'utf8').equals(Buffer.from(path, 'latin1'));
}
