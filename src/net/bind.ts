// Binds listening sockets the way a master has to: before anything is accepted, and with every error at hand.
import { chmodSync, existsSync } from 'node:fs';
import net from 'node:net';
import { dirname } from 'node:path';
import type { ByteString } from '../conf/directive.ts';
import type { InetAddress } from '../core/address.ts';
import { systemError } from '../core/errno.ts';
import type { Listening } from './listening.ts';
import { isSayable, socketPath } from './socket-path.ts';

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
  const { address } = listening;
  return address.kind === 'unix' ? bindUnix(listening, address.path) : bindTcp(listening, address);
}

function bindTcp(listening: Listening, address: InetAddress): BoundSocket | BindFault {
  const { text, options } = listening;
  const call = `bind() to ${text}`;
  const family = address.bytes.length === 4 ? 4 : 6;
  const flags = family === 6 && options.ipv6only ? IPV6_ONLY : 0;
  const handle = net._createServerHandle(address.ip, address.port, family, undefined, flags);
  if (typeof handle === 'number') return { call, errno: -handle };
  const late = handle.getsockname({});
  const listened = late === 0 ? handle.listen(options.backlog) : 0;
  if (late === 0 && listened === 0) return { listening, handle };
  handle.close();
  if (late !== 0 || listened === -EADDRINUSE) return { call, errno: -(late || listened) };
  return { call: `listen() to ${text}, backlog ${options.backlog}`, errno: -listened };
}

/** Not listening yet: libuv would take the listen of net.Server for a second one, and refuses that here. */
function bindUnix(listening: Listening, path: ByteString): BoundSocket | BindFault {
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
const EADDRINUSE = 98;

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
