// What a session begins with, as its listener asks for.

export interface FlowOptions {
  /** TLS from the first byte. */
  readonly ssl: boolean;
  /** A PROXY header comes first. */
  readonly proxyProtocol: boolean;
  /** A WebSocket comes before the greeting. */
  readonly websocket: boolean;
}
