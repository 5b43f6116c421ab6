// The opening handshake of WebSocket (RFC 6455, 4.2) as far as the server has to judge it.
import type { ByteString } from '../../conf/directive.ts';

/** What a client asks with. */
export interface HandshakeRequest {
  readonly method: ByteString;
  readonly isHttp11: boolean;
  /** Several lines of a name joined by commas. @param name lower case */
  header(name: ByteString): ByteString | undefined;
}

export interface HandshakeRefusal {
  readonly status: 400 | 405 | 426;
  /** For the log. */
  readonly text: ByteString;
  readonly fields: readonly (readonly [name: ByteString, value: ByteString])[];
}

const VERSION = '13';
/** Sixteen bytes in base64. */
const KEY = /^[+/0-9A-Za-z]{21}[AQgw]==$/;
const TOKEN = /^[!#-'*+.0-9A-Z^_`a-z|~-]+$/;
const MAX_PROTOCOLS = 32;

/** Those that mean the same here: a stream of bytes. */
const PROTOCOLS: readonly ByteString[] = ['binary', 'imap', 'smtp', 'pop3', 'sieve'];

/** @returns undefined: it is one */
export function refuseHandshake(request: HandshakeRequest): HandshakeRefusal | undefined {
  if (request.method !== 'GET')
    return refusal(405, 'client asked for a WebSocket by another method than GET', ['Allow', 'GET']);
  if (!hasWord(request.header('connection'), 'upgrade') || !hasWord(request.header('upgrade'), 'websocket')) {
    return refusal(426, 'client asked for no WebSocket', ['Upgrade', 'websocket']);
  }
  if (!request.isHttp11) return refusal(400, 'client asked for a WebSocket in HTTP/1.0');
  if (request.header('sec-websocket-version') !== VERSION) {
    return refusal(426, 'client asked for another version of WebSocket', ['Sec-WebSocket-Version', VERSION]);
  }
  if (!KEY.test(request.header('sec-websocket-key') ?? '')) return refusal(400, 'client sent no key of a WebSocket');
  if (hasBody(request)) return refusal(400, 'client asked for a WebSocket with a body');
  if (offeredProtocols(request) === undefined) return refusal(400, 'client sent invalid protocols of a WebSocket');
  return undefined;
}

/** @returns the first one that is known; undefined: none is, which need not be one */
export const chooseProtocol = (request: HandshakeRequest): ByteString | undefined =>
  offeredProtocols(request)?.find((name) => PROTOCOLS.includes(name));

/** Of one that was not refused. */
export const keyOf = (request: HandshakeRequest): ByteString => request.header('sec-websocket-key') ?? '';

function offeredProtocols(request: HandshakeRequest): readonly ByteString[] | undefined {
  const text = request.header('sec-websocket-protocol');
  if (text === undefined) return [];
  const names = text.split(',', MAX_PROTOCOLS + 1).map((name) => name.trim());
  return names.length <= MAX_PROTOCOLS && names.every((name) => TOKEN.test(name)) ? names : undefined;
}

const hasBody = (request: HandshakeRequest): boolean =>
  request.header('transfer-encoding') !== undefined || Number(request.header('content-length') ?? 0) !== 0;

const hasWord = (text: ByteString | undefined, word: string): boolean =>
  (text ?? '').split(',').some((part) => part.trim().toLowerCase() === word);

const refusal = (
  status: HandshakeRefusal['status'],
  text: ByteString,
  ...fields: HandshakeRefusal['fields']
): HandshakeRefusal => ({ status, text, fields });
