// What is said of WebSockets that lead to mail, in mail and in http: the directives, and what they come to.
import { args, type ByteString, type ContextName, type Directive, Fault } from '../../conf/directive.ts';
import { msecSlot, numSlot, slot } from '../../conf/slots.ts';
import { parseSize } from '../../conf/values.ts';
import type { HandshakeRate, OccupancyLimits } from './occupancy.ts';
import { type OriginRule, parseOrigins } from './origin.ts';

export interface WebSocketRaw {
  origins: OriginRule | undefined;
  maxFrame: number | undefined;
  pingMs: number | undefined;
  timeoutMs: number | undefined;
  maxConnections: number | undefined;
  rate: HandshakeRate | 'off' | undefined;
}

export interface WebSocketConf extends OccupancyLimits {
  readonly origins: OriginRule;
  /** Bytes of a message, in however many frames. */
  readonly maxFrame: number;
  /** 0: no pings. */
  readonly pingMs: number;
  /** 0: without limit. */
  readonly timeoutMs: number;
}

const MAX_FRAME = 1_048_576;
/** 0 would be without limit. */
const LARGEST_FRAME = 67_108_864;
const PING_MS = 30_000;
const TIMEOUT_MS = 90_000;
const RATE = /^([1-9]\d{0,5})r\/([sm])$/;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000 };

export const noWebSocket = (): WebSocketRaw => ({
  origins: undefined,
  maxFrame: undefined,
  pingMs: undefined,
  timeoutMs: undefined,
  maxConnections: undefined,
  rate: undefined,
});

/** @param outer unset where there is no block around */
export function websocketConf(raw: Readonly<WebSocketRaw>, outer: Partial<Readonly<WebSocketRaw>> = {}): WebSocketConf {
  const rate = raw.rate ?? outer.rate ?? 'off';
  return {
    origins: raw.origins ?? outer.origins ?? 'same',
    maxFrame: raw.maxFrame ?? outer.maxFrame ?? MAX_FRAME,
    pingMs: raw.pingMs ?? outer.pingMs ?? PING_MS,
    timeoutMs: raw.timeoutMs ?? outer.timeoutMs ?? TIMEOUT_MS,
    maxConnections: raw.maxConnections ?? outer.maxConnections ?? 0,
    rate: rate === 'off' ? undefined : rate,
  };
}

export function websocketDirectives(contexts: readonly ContextName[]): readonly Directive<WebSocketRaw>[] {
  return [
    slot<'origins', OriginRule>(
      'websocket_allow_origin',
      'origins',
      args(1, Number.POSITIVE_INFINITY),
      {
        contexts,
        syntax: 'websocket_allow_origin same | any | origin ...;',
        default: 'same',
        summary:
          'Pages of which origins may open a WebSocket: of the same host, of any, or of those named. Clients that are no browsers name none, and may.',
        values: ['same', 'any'],
      },
      parseOrigins,
    ),
    slot<'rate', HandshakeRate | 'off'>(
      'websocket_handshake_rate',
      'rate',
      args(1),
      {
        contexts,
        syntax: 'websocket_handshake_rate rate | off;',
        default: 'off',
        summary:
          'How many WebSockets a client address may ask a worker for in a second (`5r/s`) or a minute (`30r/m`): so many at once, and no more in the long run.',
        values: ['off'],
      },
      ([text = '']) => (text === 'off' ? text : parseRate(text)),
    ),
    slot<'maxFrame', number>(
      'websocket_max_frame',
      'maxFrame',
      args(1),
      {
        contexts,
        syntax: 'websocket_max_frame size;',
        default: '1m',
        summary:
          'How large a message of a client may be, in one frame or several, up to 64m; a larger one ends the WebSocket.',
      },
      ([text = '']) => {
        const size = parseSize(text);
        return size !== undefined && size >= 1 && size <= LARGEST_FRAME ? size : new Fault('invalid value');
      },
    ),
    msecSlot('websocket_ping', 'pingMs', {
      contexts,
      syntax: 'websocket_ping time;',
      default: '30s',
      summary: 'How often a client is sent a ping; 0 sends none.',
    }),
    msecSlot('websocket_timeout', 'timeoutMs', {
      contexts,
      syntax: 'websocket_timeout time;',
      default: '90s',
      summary: 'How long nothing may come from a client, not even the answer to a ping; 0 is any time.',
    }),
    numSlot('websocket_max_connections', 'maxConnections', {
      contexts,
      syntax: 'websocket_max_connections number;',
      default: '0',
      summary: 'How many WebSockets a client address may have with a worker at a time; 0 is any number.',
    }),
  ];
}

function parseRate(text: ByteString): HandshakeRate | Fault {
  const [, digits, unit = ''] = RATE.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (digits === undefined || unitMs === undefined) return new Fault(`invalid rate "${text}"`);
  const count = Number(digits);
  return { count, intervalMs: unitMs / count };
}
