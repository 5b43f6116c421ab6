// Which requests for a WebSocket a location takes: that they are one, and pages of which origins may ask.
import type { ByteString } from '../conf/directive.ts';
import { Level } from '../core/log.ts';
import { refuseHandshake } from '../net/websocket/handshake.ts';
import { admitsOrigin, type OriginRule } from '../net/websocket/origin.ts';
import type { HttpRequest } from './request.ts';

const FORBIDDEN = 403;
const UNAVAILABLE = 503;

/** @returns the status of what is answered; undefined: it may have one */
export function refuseWebSocket(request: HttpRequest, origins: OriginRule): number | undefined {
  const { client } = request;
  const header = (name: ByteString): ByteString | undefined => request.header(name);
  const isHttp11 = request.message.httpVersionMinor >= 1;
  const refusal = refuseHandshake({ method: request.method, isHttp11, header });
  if (refusal !== undefined) {
    for (const [name, value] of refusal.fields) request.response.fields.push([name, value]);
    return refuseWith(request, refusal.status, refusal.text);
  }
  if (client.isFollowed) return refuseWith(request, 400, 'client sent frames before it had a WebSocket');
  const from = { origin: header('origin'), host: request.headers.first('host'), isTls: client.tls !== undefined };
  if (!admitsOrigin(origins, from)) return refuseWith(request, FORBIDDEN, 'client asked from an origin that may not');
  return undefined;
}

export function refuseWith(request: HttpRequest, status: number, text: ByteString): number {
  request.log.write(status === UNAVAILABLE || status === FORBIDDEN ? Level.error : Level.info, text, request);
  return status;
}
