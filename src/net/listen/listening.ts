// A listening socket as the configuration asks for it, before it is bound.
import type { Socket } from 'node:net';
import type { ByteString } from '../../conf/directive.ts';
import type { SocketAddress } from '../../core/address.ts';

export interface ListeningOptions {
  /** Connections that may wait to be accepted. */
  readonly backlog: number;
  /** `[::]` takes no IPv4. */
  readonly ipv6only: boolean;
  /** TCP keep-alive of accepted connections: idle seconds, 0 for the system's default; undefined: off. */
  readonly keepaliveS: number | undefined;
}

/** What a socket is to be: enough to bind it. */
export interface ListeningSpec {
  readonly address: SocketAddress;
  /** As logs show it: `0.0.0.0:143`, `[::]:143`, `unix:/path`. */
  readonly text: ByteString;
  readonly options: ListeningOptions;
}

export interface Listening extends ListeningSpec {
  /** Takes an accepted connection, which is paused. */
  readonly accept: (socket: Socket) => void;
}
