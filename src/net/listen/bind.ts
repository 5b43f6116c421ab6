// Binds listening sockets the way a master has to: before anything is accepted, and with every error at hand.
import { chmodSync, existsSync } from 'node:fs';
import net from 'node:net';
import { dirname } from 'node:path';
import type { ByteString } from '../../conf/directive.ts';
import type { InetAddress } from '../../core/address.ts';
import { systemError } from '../../core/errno.ts';
import type { Listening, ListeningSpec } from './listening.ts';
import { isSayable, socketPath } from './socket-path.ts';

/** A listening socket that nobody accepts on yet: who connects waits in the kernel. */
export interface BoundSocket {
  readonly listening: ListeningSpec;
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

/**
 * Binds and listens, at once: only a listening socket keeps others from its address. This process does not accept on
 * it, and must not poll it, or it would take connections.
 */
export function bindSocket(listening: ListeningSpec): BoundSocket | BindFault {
  const { address } = listening;
  const bound = address.kind === 'unix' ? bindUnix(listening, address.path) : bindTcp(listening, address);
  if (!('handle' in bound)) return bound;
  const errno = listenUnpolled(bound.handle, listening.options.backlog);
  if (errno === 0) return bound;
  bound.handle.close();
  return { call: `listen() to ${listening.text}, backlog ${listening.options.backlog}`, errno };
}

/**
 * libuv polls what it listens on. A second handle on the same descriptor is told to stop at once, which only those
 * opened by a descriptor can be; it is never closed, since that would close the descriptor.
 * @returns the errno, or 0
 */
function listenUnpolled(handle: net.ServerHandle, backlog: number): number {
  const second = net._createServerHandle(null, null, null, handle.fd);
  if (typeof second === 'number') return -second;
  const errno = -second.listen(backlog);
  second.readStart?.();
  second.readStop?.();
  return errno;
}

/** A socket that another process has bound, by its descriptor here. */
export function adoptSocket(listening: ListeningSpec, fd: number): BoundSocket | BindFault {
  const handle = net._createServerHandle(null, null, null, fd);
  return typeof handle === 'number'
    ? { call: `getsockname() of ${listening.text}`, errno: -handle }
    : { listening, handle };
}

function bindTcp(listening: ListeningSpec, address: InetAddress): BoundSocket | BindFault {
  const call = `bind() to ${listening.text}`;
  const family = address.bytes.length === 4 ? 4 : 6;
  const flags = family === 6 && listening.options.ipv6only ? IPV6_ONLY : 0;
  const handle = net._createServerHandle(address.ip, address.port, family, undefined, flags);
  if (typeof handle === 'number') return { call, errno: -handle };
  // libuv puts "address in use" off, and would give a random port instead.
  const late = handle.getsockname?.({}) ?? 0;
  if (late === 0) return { listening, handle };
  handle.close();
  return { call, errno: -late };
}

function bindUnix(listening: ListeningSpec, path: ByteString): BoundSocket | BindFault {
  const call = `bind() to ${listening.text}`;
  if (!isSayable(path)) return { call, errno: EILSEQ };
  const handle = net._createServerHandle(socketPath(path), -1, -1);
  // For a folder that is not there libuv says "permission denied".
  if (handle === -EACCES && !existsSync(dirname(socketPath(path)))) return { call, errno: ENOENT };
  if (typeof handle === 'number') return { call, errno: -handle };
  try {
    chmodSync(socketPath(path), UNIX_MODE);
  } catch (error) {
    handle.close();
    return { call: `chmod() "${path}"`, errno: systemError(error)?.errno ?? ENOENT };
  }
  return { listening, handle };
}

const ENOENT = 2;
const EACCES = 13;
const EILSEQ = 84;

/**
 * Starts accepting: each connection goes to the listening's `accept`, paused.
 * @param socket bound here, or a descriptor that this process was started with
 */
export function acceptOn(
  listening: Listening,
  socket: net.ServerHandle | { readonly fd: number },
  onError: (error: Error) => void,
): net.Server {
  const { keepaliveS } = listening.options;
  const server = net.createServer({
    allowHalfOpen: true,
    pauseOnConnect: true,
    noDelay: true,
    keepAlive: keepaliveS !== undefined,
    keepAliveInitialDelay: (keepaliveS ?? 0) * 1000,
  });
  server.on('connection', listening.accept);
  return listenOn(server, listening, socket, onError);
}

/** The same for a server that is made elsewhere. */
export function listenOn(
  server: net.Server,
  listening: ListeningSpec,
  socket: net.ServerHandle | { readonly fd: number },
  onError: (error: Error) => void,
): net.Server {
  server.on('error', onError);
  server.listen(socket, listening.options.backlog);
  return server;
}
