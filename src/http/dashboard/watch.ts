// A page's WebSocket: who may have one, and what its request comes to when it has ended.
import { keyOf } from '../../net/websocket/handshake.ts';
import { MessageSocket } from '../../net/websocket/message-socket.ts';
import { CROWDED } from '../../net/websocket/occupancy.ts';
import type { WebSocketConf } from '../../net/websocket/settings.ts';
import { SWITCHED } from '../answer/answer.ts';
import type { Outcome } from '../define.ts';
import { handshakeOf, refuseWebSocket, refuseWith } from '../refuse-websocket.ts';
import type { HttpRequest } from '../request/request.ts';
import type { DashboardConf } from './conf.ts';
import type { Feed } from './feed.ts';
import { MAX_MESSAGE, Viewer } from './viewer.ts';
import { writableApi } from './writable-api.ts';

export interface Watching {
  readonly feed: Feed;
  readonly conf: DashboardConf;
  /** What is said of WebSockets there. */
  readonly socket: WebSocketConf;
}

const UNAVAILABLE = 503;
const REFUSALS = { ...CROWDED, full: 'too many pages watch already' } as const;
const GOING_AWAY = 1001;
const SERVICE_RESTART = 1012;

/** @param server that of the location */
export async function watch(request: HttpRequest, server: object, { feed, conf, socket }: Watching): Promise<Outcome> {
  const refused = refuseWebSocket(request, socket.origins);
  if (refused !== undefined) return refused;
  // Whoever comes now would hold this process up, where another one is to be had.
  if (request.client.services.status.condition() === 'draining') return UNAVAILABLE;
  const address = request.client.remoteAddress;
  const entrance = feed.enter(address, conf, socket.rate);
  if (entrance !== 'entered') return refuseWith(request, UNAVAILABLE, REFUSALS[entrance]);
  try {
    return await show(request, server, { feed, conf, socket });
  } finally {
    feed.leave(address);
  }
}

async function show(request: HttpRequest, server: object, { feed, socket }: Watching): Promise<Outcome> {
  const { client, response } = request;
  request.action = 'feeding a dashboard';
  const before = client.conn.handler;
  const log = (text: string): void => request.info(text);
  const joined = new MessageSocket({
    conn: client.conn,
    key: keyOf(handshakeOf(request)),
    maxMessage: MAX_MESSAGE,
    limits: socket,
    log,
    opened: () => viewer.opened(),
    said: (text) => viewer.said(text),
    gone: (error) => before.onClose(error),
  });
  const viewer = new Viewer({ socket: joined, owner: feed, api: writableApi(request, server), log });
  feed.add(viewer);
  client.leave = () => joined.close(GOING_AWAY);
  client.retire = () => joined.close(SERVICE_RESTART);
  try {
    await joined.start();
    await joined.ended;
  } finally {
    feed.remove(viewer);
    client.leave = undefined;
    client.retire = undefined;
  }
  response.bytesSent = joined.bytesWritten;
  response.bodyBytesSent = joined.bytesWritten - joined.headBytes;
  return SWITCHED;
}
