// Outgoing connections: to the auth server and to backends.
import net from 'node:net';
import { type ConnHandler, StreamConnection } from './connection.ts';
import { socketPath } from './listen/socket-path.ts';

export type DialTarget =
  | { readonly kind: 'inet'; readonly address: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/**
 * Starts connecting. Bytes may be written at once: they are sent when the connection stands. A failure comes as
 * `onClose` with a system error whose syscall is `connect`.
 * @param released called when the socket is closed, whatever became of it
 */
export function dial(target: DialTarget, handler: ConnHandler, released = (): void => {}): StreamConnection {
  const socket =
    target.kind === 'inet'
      ? net.connect({
          host: target.address,
          port: target.port,
          noDelay: true,
          allowHalfOpen: true,
        })
      : net.connect({ path: socketPath(target.path), allowHalfOpen: true });
  socket.on('close', released);
  return new StreamConnection(socket, handler);
}
