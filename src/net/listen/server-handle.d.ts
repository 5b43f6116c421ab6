// Undocumented parts of node:net that a process which owns listening sockets needs; used in this folder only.
import 'node:net';

declare module 'net' {
  /** The object underneath a net.Server: TCP or Pipe. */
  interface ServerHandle {
    /** The descriptor. */
    readonly fd: number;
    /** @returns 0, or a negative errno: also that of a bind that libuv put off */
    getsockname?(out: object): number;
    /** @returns 0 or a negative errno */
    listen(backlog: number): number;
    /** Polls again. Only where it was opened by its descriptor. @returns 0 or a negative errno */
    readStart?(): number;
    /** Polls no more. @returns 0 or a negative errno */
    readStop?(): number;
    close(done?: () => void): void;
  }

  interface Server {
    /** null: not listening. */
    readonly _handle: ServerHandle | null;
  }

  /**
   * Binds without listening.
   * @param addressType 4, 6, or -1 for a unix socket, whose path `address` is
   * @param fd a descriptor to take over; everything else is null then
   * @param flags 1: IPv6 only
   * @returns the handle, or a negative errno
   */
  function _createServerHandle(
    address: string | null,
    port: number | null,
    addressType: number | null,
    fd?: number,
    flags?: number,
  ): ServerHandle | number;
}
