// Which requests for a WebSocket a location takes: that they are one, and pages of which origins may ask.
import type { ByteString } from '../conf/directive.ts';
import { Level } from '../core/log.ts';
import { type HandshakeRequest, refuseHandshake } from '../net/websocket/handshake.ts';
import { admitsOrigin, type OriginRule } from '../net/websocket/origin.ts';
import type { HttpRequest } from './request/request.ts';

const FORBIDDEN = 403;
const UNAVAILABLE = 503;

export const handshakeOf = (request: HttpRequest): HandshakeRequest => ({
  // Of the client: by error_page the request has become one of GET.
  method: request.message.method ?? request.method,
  isHttp11: request.message.httpVersionMinor >= 1,
  header: (name: ByteString) => request.header(name),
});

/** @returns the status of what is answered; undefined: it may have one */
export function refuseWebSocket(request: HttpRequest, origins: OriginRule): number | undefined {
  const { client } = request;
  // The connection is that of the request around it, which may be refused yet, and waits for an answer.
  if (request.main !== undefined) return refuseWith(request, FORBIDDEN, 'a subrequest can have no WebSocket');
  const refusal = refuseHandshake(handshakeOf(request));
  if (refusal !== undefined) {
    for (const [name, value] of refusal.fields) request.response.fields.push([name, value]);
    return refuseWith(request, refusal.status, refusal.text);
  }
  if (client.isFollowed) return refuseWith(request, 400, 'client sent frames before it had a WebSocket');
  const from = {
    origin: request.header('origin'),
    host: request.headers.first('host'),
    isTls: client.tls !== undefined,
  };
  if (!admitsOrigin(origins, from)) return refuseWith(request, FORBIDDEN, 'client asked from an origin that may not');
  return undefined;
}

export function refuseWith(request: HttpRequest, status: number, text: ByteString): number {
  request.log.write(status === UNAVAILABLE || status === FORBIDDEN ? Level.error : Level.info, text, request);
  return status;
}
