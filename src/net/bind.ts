// Binds listening sockets the way a master has to: before anything is accepted, and with every error at hand.
import { chmodSync } from 'node:fs';
import net from 'node:net';
import type { SocketAddress } from '../core/address.ts';
import type { Listening } from './listening.ts';

/** A bound socket that listens and has not accepted anything yet. */
export interface BoundSocket {
  readonly listening: Listening;
  readonly handle: net.ServerHandle;
}

export interface BindFault {
  /** `bind()` or `listen()` with the address, as in nginx's message. */
  readonly call: string;
  readonly errno: number;
}

const IPV6_ONLY = 1;
/** Anyone may connect to a unix listener, as with nginx. */
const UNIX_MODE = 0o666;

/** Binds and listens. `listen(2)` follows at once, since libuv tells of an address in use only then. */
export function bindSocket(listening: Listening): BoundSocket | BindFault {
  const { address, text, options } = listening;
  const handle = createHandle(address, options.ipv6only);
  if (typeof handle === 'number') return { call: `bind() to ${text}`, errno: -handle };
  const late = address.kind === 'inet' ? handle.getsockname({}) : 0;
  if (late !== 0) {
    handle.close();
    return { call: `bind() to ${text}`, errno: -late };
  }
  if (address.kind === 'unix') chmodSync(Buffer.from(address.path, 'latin1'), UNIX_MODE);
  const listened = handle.listen(options.backlog);
  if (listened !== 0) {
    handle.close();
    const call = listened === -EADDRINUSE ? `bind() to ${text}` : `listen() to ${text}, backlog ${options.backlog}`;
    return { call, errno: -listened };
  }
  return { listening, handle };
}

const EADDRINUSE = 98;

function createHandle(address: SocketAddress, ipv6only: boolean): net.ServerHandle | number {
  if (address.kind === 'unix') return net._createServerHandle(address.path, -1, -1);
  const family = address.bytes.length === 4 ? 4 : 6;
  const flags = family === 6 && ipv6only ? IPV6_ONLY : 0;
  return net._createServerHandle(address.ip, address.port, family, undefined, flags);
}

/** Starts accepting: each connection goes to the listening's `accept`, paused. */
export function acceptOn({ listening, handle }: BoundSocket, onError: (error: Error) => void): net.Server {
  const { keepaliveS } = listening.options;
  const server = net.createServer({
    allowHalfOpen: true,
    pauseOnConnect: true,
    noDelay: true,
    keepAlive: keepaliveS !== undefined,
    keepAliveInitialDelay: (keepaliveS ?? 0) * 1000,
  });
  server.on('connection', listening.accept);
  server.on('error', onError);
  server.listen(handle, listening.options.backlog);
  return server;
}
