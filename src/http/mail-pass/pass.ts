// Passes one WebSocket to a mail server: who may have one, and what its request comes to when it has ended.
import type { ByteString } from '../../conf/directive.ts';
import { IGNORE } from '../../net/connection.ts';
import { type PassRefusal, passesModule } from '../../net/loopback/passes.ts';
import { chooseProtocol, keyOf } from '../../net/websocket/handshake.ts';
import { CROWDED, type Occupancy } from '../../net/websocket/occupancy.ts';
import { Tunnel } from '../../net/websocket/tunnel.ts';
import { SWITCHED } from '../answer/answer.ts';
import type { Outcome } from '../define.ts';
import { handshakeOf, refuseWebSocket, refuseWith } from '../refuse-websocket.ts';
import type { HttpRequest } from '../request/request.ts';
import type { MailPassConf } from './conf.ts';

const FORBIDDEN = 403;
const UNAVAILABLE = 503;

const REFUSALS: Readonly<Record<PassRefusal, readonly [status: number, text: ByteString]>> = {
  tls: [FORBIDDEN, 'mail server wants TLS that the client has not'],
  closing: [UNAVAILABLE, 'mail servers are closing'],
  full: [UNAVAILABLE, 'no connection is left for a mail session'],
};

export async function passToMail(request: HttpRequest, conf: MailPassConf, occupancy: Occupancy): Promise<Outcome> {
  const { client } = request;
  const refused = refuseWebSocket(request, conf.websocket.origins);
  if (refused !== undefined) return refused;
  const address = client.remoteAddress;
  const entrance = occupancy.enter(address, conf.websocket);
  if (entrance !== 'entered') return refuseWith(request, UNAVAILABLE, CROWDED[entrance]);
  try {
    return await tunnel(request, conf);
  } finally {
    occupancy.leave(address);
  }
}

async function tunnel(request: HttpRequest, conf: MailPassConf): Promise<Outcome> {
  const { client, response } = request;
  const { conn } = client;
  const address = request.conf(passesModule.conf).get(conf.address ?? '') ?? '';
  const near = client.services
    .mail(address)
    ?.pass(IGNORE, { client: client.client, local: client.local, tls: client.tls });
  if (near === undefined) return UNAVAILABLE; // the check of the configuration sees to it that there is one
  if (typeof near === 'string') return refuseWith(request, ...REFUSALS[near]);
  request.action = 'passing WebSocket to mail';
  const before = conn.handler;
  const asked = handshakeOf(request);
  const joined = new Tunnel({
    conn,
    near,
    key: keyOf(asked),
    protocol: chooseProtocol(asked),
    limits: conf.websocket,
    log: (text) => request.info(text),
    gone: (error) => before.onClose(error),
  });
  client.leave = () => joined.leave();
  await joined.start();
  await joined.ended;
  client.leave = undefined;
  response.bytesSent = joined.bytesWritten;
  response.bodyBytesSent = joined.bytesWritten - joined.headBytes;
  return SWITCHED;
}
