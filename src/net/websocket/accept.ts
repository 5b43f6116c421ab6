// Accepts a WebSocket: crossws and what it brings make frames of bytes. Loaded where a configuration needs it (load.ts).
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import crossws from 'crossws/adapters/node';
import type { ByteString } from '../../conf/directive.ts';

export interface WebSocketPeer {
  /** A message of one frame: bytes are binary, a string is text. */
  send(chunk: Buffer | string): void;
  ping(): void;
  close(code: number): void;
}

export interface WebSocketEvents {
  opened(peer: WebSocketPeer): void;
  received(chunk: Buffer): void;
  text(message: string): void;
  /** A ping has come, which is answered, or the answer to one. */
  controlled?(): void;
  /** The peer has broken the protocol, and is told so. */
  failed(error: Error): void;
  closed(): void;
}

export interface WebSocketOptions {
  /** Of a request that `refuseHandshake` has let pass. */
  readonly key: ByteString;
  readonly stream: Duplex;
  readonly protocol: ByteString | undefined;
  /** Bytes of a message. */
  readonly maxMessage: number;
  /** What is sent to here is text, and has to be; otherwise text is refused as such. */
  readonly isText?: boolean;
}

const NOTHING = Buffer.alloc(0);
/** An option that its types do not know: each costs some hundred bytes until its message is whole. */
const FRAGMENTS: Readonly<Record<'maxFragments', number>> = { maxFragments: 1024 };

/** An adapter for each WebSocket: its hooks know whose they are. Pings and limits of time are the caller's. */
export async function acceptWebSocket(options: WebSocketOptions, events: WebSocketEvents): Promise<void> {
  const { key, stream, protocol, maxMessage, isText = false } = options;
  const adapter = crossws({
    idleTimeout: 0,
    getNamespace: () => 'mail',
    serverOptions: {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: maxMessage,
      ...FRAGMENTS,
      skipUTF8Validation: !isText,
    },
    hooks: {
      upgrade: () => (protocol === undefined ? undefined : { headers: { 'Sec-WebSocket-Protocol': protocol } }),
      open: (peer) =>
        events.opened({
          send: (chunk) => void peer.send(chunk),
          ping: () => void peer.ping(),
          close: (code) => peer.close(code),
        }),
      message: (_peer, { rawData }) => {
        if (Buffer.isBuffer(rawData)) events.received(rawData);
        else events.text(typeof rawData === 'string' ? rawData : '');
      },
      ping: () => events.controlled?.(),
      pong: () => events.controlled?.(),
      error: (_peer, error) => events.failed(error),
      close: () => events.closed(),
    },
  });
  await adapter.handleUpgrade(judgedRequest(key), stream, NOTHING);
}

/** What else the client has said is judged already: nobody need hear of it a second time, and judge otherwise. */
function judgedRequest(key: ByteString): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  message.method = 'GET';
  message.url = '/';
  message.headers = { upgrade: 'websocket', 'sec-websocket-key': key, 'sec-websocket-version': '13' };
  return message;
}
