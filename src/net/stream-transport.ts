// Connections by the streams of Node.js: node:net, and node:tls over it. There is no Node.js without them.
import net from 'node:net';
import type { Connection, ConnHandler } from './connection.ts';
import type { DialTarget } from './dial-target.ts';
import { endpointOf } from './endpoint.ts';
import { acceptOn } from './listen/bind.ts';
import { socketPath } from './listen/socket-path.ts';
import { SocketConnection } from './socket-connection.ts';
import { StreamConnection } from './stream-connection.ts';
import type { ArrivalListening, ListenSource, Transport } from './transport.ts';

export const streamTransport: Transport = {
  name: 'net',

  listen: listenBySockets,

  dial(target: DialTarget, handler: ConnHandler): Connection {
    const socket = connect(target);
    if (handler.onConnect !== undefined) socket.once('connect', handler.onConnect);
    return new StreamConnection(socket, handler);
  },
};

/** The same for those who want sockets, whatever the transport is. */
export function listenBySockets(
  listening: ArrivalListening<SocketConnection>,
  source: ListenSource,
  onError: (error: Error) => void,
): net.Server {
  const accept = (socket: net.Socket): void =>
    listening.accept({
      connection: new SocketConnection(socket),
      client: () => endpointOf(socket.remoteAddress, socket.remotePort),
      local: () => endpointOf(socket.localAddress, socket.localPort),
    });
  return acceptOn({ ...listening, accept }, source, onError);
}

function connect(target: DialTarget): net.Socket {
  if (target.kind === 'unix') return net.connect({ path: socketPath(target.path), allowHalfOpen: true });
  const { address, port, local, probes } = target;
  const from = local === undefined ? {} : { localAddress: local.address, localPort: local.port };
  return net.connect({ host: address, port, allowHalfOpen: true, keepAlive: probes === true, ...from });
}
