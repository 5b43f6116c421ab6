// How connections are made: by the streams of Node.js, or by the handles underneath.
import type { Server, ServerHandle } from 'node:net';
import type { Connection, ConnHandler } from './connection.ts';
import type { DialTarget } from './dial-target.ts';
import type { Endpoint } from './endpoint.ts';
import type { ListeningSpec } from './listen/listening.ts';

/** A connection that was accepted; it is paused. */
export interface Arrival<C extends Connection = Connection> {
  readonly connection: C;
  /** The ends; undefined on a unix socket, and where the client is gone already. */
  client(): Endpoint | undefined;
  local(): Endpoint | undefined;
}

export interface ArrivalListening<C extends Connection = Connection> extends ListeningSpec {
  readonly accept: (arrival: Arrival<C>) => void;
}

/** A socket that was bound here, or a descriptor that this process was started with. */
export type ListenSource = ServerHandle | { readonly fd: number };

/** Makes connections to others. */
export interface Dialer {
  /**
   * Starts connecting. Bytes may be written at once: they are sent when the connection stands. A failure comes as
   * `onClose` with a system error whose syscall is `connect`.
   */
  dial(target: DialTarget, handler: ConnHandler): Connection;
}

export interface Transport extends Dialer {
  readonly name: 'net' | 'handle';
  /** Starts accepting: each connection goes to the listening's `accept`. */
  listen(listening: ArrivalListening, source: ListenSource, onError: (error: Error) => void): Server;
}
