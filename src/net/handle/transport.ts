// Connections by the handles underneath the streams of Node.js: less than half of the work, and a third of the memory.
import net from 'node:net';
import { type Connection, type ConnHandler, IGNORE } from '../connection.ts';
import type { DialTarget, LocalEnd } from '../dial-target.ts';
import { type Endpoint, endpointOf } from '../endpoint.ts';
import { listenOn } from '../listen/bind.ts';
import { socketPath } from '../listen/socket-path.ts';
import type { Arrival, ArrivalListening, ListenSource, Transport } from '../transport.ts';
import { systemFailure } from './failure.ts';
import { HandleConnection } from './handle-connection.ts';
import { type Bindings, isTcp, Native } from './native.ts';
import type { NativeName, SocketHandle, TcpHandle } from './node-handles.d.ts';

export class HandleTransport implements Transport {
  readonly name = 'handle';
  readonly #native: Native;

  constructor(bindings: Bindings) {
    this.#native = new Native(bindings);
  }

  listen(listening: ArrivalListening, source: ListenSource, onError: (error: Error) => void): net.Server {
    const server = listenOn(net.createServer(), listening, source, onError);
    const { keepaliveS } = listening.options;
    // A net.Server makes a stream of what its handle gives it.
    const onconnection = (status: number, socket: SocketHandle): void => {
      if (status < 0) {
        onError(systemFailure(status, 'accept'));
        return;
      }
      if (isTcp(socket)) {
        socket.setNoDelay(true);
        if (keepaliveS !== undefined) socket.setKeepAlive(true, keepaliveS);
      }
      listening.accept(new HandleArrival(new HandleConnection(this.#native, socket, IGNORE, false), socket));
    };
    if (server._handle !== null) Object.assign(server._handle, { onconnection });
    return server;
  }

  dial(target: DialTarget, handler: ConnHandler): Connection {
    const native = this.#native;
    const { tcp, pipe } = native.bindings;
    if (target.kind === 'unix') {
      const socket = new pipe.Pipe(pipe.constants.SOCKET);
      return begin(new HandleConnection(native, socket, handler, true), (connection) => {
        const request = native.connect('pipe');
        request.owner = connection;
        return socket.connect(request, socketPath(target.path)) ?? 0;
      });
    }
    const socket = new tcp.TCP(tcp.constants.SOCKET);
    return begin(new HandleConnection(native, socket, handler, true), (connection) => {
      const request = native.connect('tcp');
      request.owner = connection;
      const { address, port, local, probes } = target;
      const bound = local === undefined ? 0 : bind(socket, local, address);
      if (bound < 0) return Object.assign(systemFailure(bound, 'bind'), local);
      if (probes) socket.setKeepAlive(true, 0);
      return address.includes(':') ? socket.connect6(request, address, port) : socket.connect(request, address, port);
    });
  }
}

/** @param to an address of its family is wanted */
const bind = (socket: TcpHandle, { address, port }: LocalEnd, to: string): number =>
  to.includes(':') ? socket.bind6(address, port, 0) : socket.bind(address, port);

/** A call that fails at once is told later, as the others are. */
function begin(
  connection: HandleConnection,
  connect: (connection: HandleConnection) => number | Error,
): HandleConnection {
  const status = connect(connection);
  if (typeof status !== 'number') process.nextTick(() => connection.fail(status));
  else if (status < 0) process.nextTick(() => connection.connected(status));
  else connection.readAhead();
  return connection;
}

class HandleArrival implements Arrival {
  readonly connection: HandleConnection;
  readonly #socket: SocketHandle;

  constructor(connection: HandleConnection, socket: SocketHandle) {
    this.connection = connection;
    this.#socket = socket;
  }

  client(): Endpoint | undefined {
    return this.#name('getpeername');
  }

  local(): Endpoint | undefined {
    return this.#name('getsockname');
  }

  #name(call: 'getpeername' | 'getsockname'): Endpoint | undefined {
    const out: NativeName = {};
    if (!isTcp(this.#socket) || this.#socket[call](out) < 0) return undefined;
    return endpointOf(out.address, out.port);
  }
}
