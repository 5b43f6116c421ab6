// How a handshake ends.
import type { ByteString } from '../../conf/directive.ts';
import { systemError } from '../../core/errno.ts';
import type { TlsInfo } from './established.ts';
import { opensslText } from './openssl-error.ts';

/** Except for `secure` the connection is closed already. */
export type TlsOutcome =
  | { readonly kind: 'secure'; readonly info: TlsInfo }
  /** To be logged at info: what a peer does in a handshake is never our trouble. */
  | { readonly kind: 'failed'; readonly log: ByteString }
  /** The deadline that the caller had armed passed. */
  | { readonly kind: 'timeout' };

export type TlsDone = (outcome: TlsOutcome) => void;

const CLOSED = 'peer closed connection in SSL handshake';

/** What the log says of a handshake that failed. @param error undefined: the peer has closed the connection */
export function handshakeFailure(error: Error | undefined): ByteString {
  if (error === undefined) return CLOSED;
  const queue = opensslText(error);
  if (queue !== undefined) return `SSL_do_handshake() failed (SSL: ${queue})`;
  const system = systemError(error);
  return system === undefined ? CLOSED : `${CLOSED} (${system.errno}: ${system.text})`;
}
