// What the three demo backends share: a listener on loopback, and one asynchronous function per connection.
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { LineReader } from './line-reader.ts';

const HOST = '127.0.0.1';
const MAX_CONNECTIONS = 64;
/** RFC 3501, section 5.4: at least 30 minutes. */
const IDLE_MS = 30 * 60_000;

export interface DemoServer {
  /** The port on 127.0.0.1. */
  readonly port: number;
  /** Ends every connection and the listener. */
  close(): Promise<void>;
}

/** One connection: lines in, text out. */
export class Client {
  readonly input: LineReader;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.input = new LineReader(socket);
  }

  get address(): string {
    return this.#socket.remoteAddress ?? 'unknown';
  }

  /** Resolves when the system has taken the bytes, or the peer is gone; so a slow reader holds up only itself. */
  send(bytes: string | Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, () => resolve());
    });
  }
}

/**
 * Listens on a port of 127.0.0.1, 0 for a free one, and runs `session` for each connection; it is closed when that ends.
 * Rejects where the port cannot be bound.
 */
export async function startServer(port: number, session: (client: Client) => Promise<void>): Promise<DemoServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined); // a lost connection ends the session by its next read
    socket.on('close', () => sockets.delete(socket));
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    session(new Client(socket)).then(
      () => socket.end(() => socket.destroySoon()),
      () => socket.destroy(),
    );
  });
  server.maxConnections = MAX_CONNECTIONS;
  return {
    port: await listen(server, port),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Binds a server to a port of 127.0.0.1. @returns the port that it got. */
export async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, HOST);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}
