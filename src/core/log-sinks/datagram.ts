// How a sink sends datagrams; UDP and unix sockets implement it.

/** The failed call and its errno. */
export type DatagramFailed = (call: 'connect()' | 'send()', errno: number) => void;

/** Opened at the first datagram and closed by a failure; the next datagram opens it anew. */
export interface DatagramClient {
  /**
   * Sends one datagram now or never. `failed` is called at most once, at once or in a later turn of the event loop.
   * The bytes belong to the client from here on.
   */
  send(datagram: Buffer, failed: DatagramFailed): void;
  /** Nothing is sent or reported later. */
  close(): void;
}
