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

/** Binds, and for TCP listens at once, since libuv tells of an address in use only then. */
export function bindSocket(listening: Listening): BoundSocket | BindFault {
  const { address, text, options } = listening;
  const bindCall = `bind() to ${text}`;
  const handle = createHandle(address, options.ipv6only);
  if (typeof handle === 'number') return { call: bindCall, errno: -handle };
  if (address.kind === 'unix') {
    // No early listen: for a unix socket libuv takes the one of net.Server for a second one and refuses it.
    chmodSync(Buffer.from(address.path, 'latin1'), UNIX_MODE);
    return { listening, handle };
  }
  const late = handle.getsockname({});
  const listened = late === 0 ? handle.listen(options.backlog) : 0;
  if (late === 0 && listened === 0) return { listening, handle };
  handle.close();
  if (late !== 0 || listened === -EADDRINUSE) return { call: bindCall, errno: -(late || listened) };
  return { call: `listen() to ${text}, backlog ${options.backlog}`, errno: -listened };
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
