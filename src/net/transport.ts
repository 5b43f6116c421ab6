// How connections are made: by the streams of Node.js, or by the handles underneath.
import type { Server, ServerHandle } from 'node:net';
import type { Connection, ConnHandler } from './connection.ts';
import type { DialTarget } from './dial-target.ts';
import type { Endpoint } from './endpoint.ts';
import type { ListeningSpec } from './listen/listening.ts';

/** A connection that was accepted; it is paused. */
export interface Arrival {
  readonly connection: Connection;
  /** The ends; undefined on a unix socket, and where the client is gone already. */
  client(): Endpoint | undefined;
  local(): Endpoint | undefined;
}

export interface ArrivalListening extends ListeningSpec {
  readonly accept: (arrival: Arrival) => void;
}

/** A socket that was bound here, or a descriptor that this process was started with. */
export type ListenSource = ServerHandle | { readonly fd: number };

export interface Transport {
  readonly name: 'net' | 'handle';
  /** Starts accepting: each connection goes to the listening's `accept`. */
  listen(listening: ArrivalListening, source: ListenSource, onError: (error: Error) => void): Server;
  /**
   * Starts connecting. Bytes may be written at once: they are sent when the connection stands. A failure comes as
   * `onClose` with a system error whose syscall is `connect`.
   */
  dial(target: DialTarget, handler: ConnHandler): Connection;
}
