// A session that begins with a WebSocket: the handshake, and the connection in memory that the session goes on with.
import type { ByteString } from '../../conf/directive.ts';
import { IGNORE } from '../../net/connection.ts';
import { clientFailure } from '../../net/failure.ts';
import { MemoryConnection } from '../../net/loopback/memory-connection.ts';
import { type AnswerStatus, answer } from '../../net/websocket/answer.ts';
import { chooseProtocol, type HandshakeRefusal, keyOf, refuseHandshake } from '../../net/websocket/handshake.ts';
import { CROWDED } from '../../net/websocket/occupancy.ts';
import { admitsOrigin } from '../../net/websocket/origin.ts';
import { HeadReader, type RequestHead } from '../../net/websocket/request-head.ts';
import { Tunnel } from '../../net/websocket/tunnel.ts';
import type { MailServer } from '../server.ts';
import type { MailWebSocketConf } from '../websocket/module.ts';
import type { EntryEvents } from './proxy-header.ts';
import type { Session } from './session.ts';

/** Once it is accepted, the session's connection is another one. */
export interface WebSocketEntryEvents extends EntryEvents {
  /** The client is told so, and nothing more; why is in the log. */
  refused(answer: Buffer): void;
}

/** What a client may name in the handshake of TLS. */
export const HTTP_ALPN: readonly string[] = ['http/1.1'];
/** The answer where the client's certificate does not do. */
export const NO_CERTIFICATE = answer(400);

export class WebSocketEntry {
  readonly #session: Session;
  readonly #server: MailServer;
  readonly #events: WebSocketEntryEvents;
  readonly #reader = new HeadReader();
  #tunnel: Tunnel | undefined;

  constructor(session: Session, server: MailServer, events: WebSocketEntryEvents) {
    this.#session = session;
    this.#server = server;
    this.#events = events;
  }

  start(): void {
    const { conn } = this.#session;
    this.#session.action = 'reading WebSocket handshake';
    conn.handler = {
      ...IGNORE,
      onData: (chunk) => this.#read(chunk),
      onEof: () => this.#events.closed(undefined),
      onTimeout: () => this.#events.timedOut(),
      onClose: (error) => this.#events.closed(error),
    };
    conn.deadline(this.#server.core.timeoutMs);
    conn.resume();
  }

  /** The client is told that it is the server that ends. */
  leave(): void {
    this.#tunnel?.leave();
  }

  get isJoined(): boolean {
    return this.#tunnel !== undefined;
  }

  #read(chunk: Buffer): void {
    const read = this.#reader.add(chunk);
    if (read === 'more') return;
    this.#session.conn.pause();
    if (read === 'long') this.#refuse(431, 'client sent a too large request for a WebSocket');
    else if (read === 'bad') this.#refuse(400, 'client sent an invalid request for a WebSocket');
    else this.#judge(read.head, read.rest.length > 0);
  }

  #judge(head: RequestHead, isFollowed: boolean): void {
    const { websocket, websockets } = this.#server;
    const host = head.header('host');
    if (websocket === undefined || head.path !== websocket.path) {
      this.#refuse(404, 'client asked for a WebSocket by another path');
      return;
    }
    const refusal = refuseHandshake(head);
    const from = { origin: head.header('origin'), host, isTls: this.#session.tls !== undefined };
    if (refusal !== undefined) {
      this.#refuse(refusal.status, refusal.text, refusal.fields);
    } else if (host === undefined || isFollowed) {
      this.#refuse(400, host === undefined ? 'client named no host' : 'client sent frames before it had a WebSocket');
    } else if (!admitsOrigin(websocket.origins, from)) {
      this.#refuse(403, 'client asked from an origin that may not');
    } else {
      const address = this.#session.clientText;
      const entrance = websockets.enter(address, websocket);
      if (entrance === 'entered') this.#join(head, websocket);
      else this.#refuse(503, CROWDED[entrance]);
    }
  }

  #join(head: RequestHead, limits: MailWebSocketConf): void {
    const session = this.#session;
    const { conn, clientText: address } = session;
    const { websockets, proxy } = this.#server;
    const [near, far] = MemoryConnection.pair(IGNORE, proxy.bufferSize);
    const tunnel = new Tunnel({
      conn,
      near,
      key: keyOf(head),
      protocol: chooseProtocol(head),
      limits,
      log: (text) => session.info(text),
      gone: (error) => this.#gone(error),
    });
    this.#tunnel = tunnel;
    far.onFault = session.onFault;
    session.conn = far;
    void tunnel.ended.then(() => websockets.leave(address));
    tunnel.start().catch((error) => session.onFault(error));
    this.#events.accepted();
  }

  /** The session hears of it by its own connection. */
  #gone(error: Error | undefined): void {
    const record = error === undefined || this.#session.closed ? undefined : clientFailure(error);
    if (record !== undefined) this.#session.log.write(record.level, record.text, this.#session);
  }

  #refuse(status: AnswerStatus, text: ByteString, fields?: HandshakeRefusal['fields']): void {
    this.#session.note('websocket_refused');
    if (status === 403 || status === 503) this.#session.error(text);
    else this.#session.info(text);
    this.#events.refused(answer(status, fields));
  }
}
