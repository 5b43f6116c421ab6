// What a client's connection may take: sizes of its requests, times of every wait, and how long it is kept.
import { args, ConfError, Fault, type Position } from '../../conf/directive.ts';
import { bitmaskSlot, enumSlot, flagSlot, msecSlot, numSlot, sizeSlot, slot } from '../../conf/slots.ts';
import { parseMsec, parseNumber, parseSec, parseSize } from '../../conf/values.ts';
import { defineHttpModule } from '../define.ts';

interface HeaderBuffers {
  readonly number: number;
  /** Bytes; no line may be longer. */
  readonly size: number;
}

interface SrvRaw {
  clientHeaderTimeoutMs: number | undefined;
  clientHeaderBufferSize: number | undefined;
  largeClientHeaderBuffers: HeaderBuffers | undefined;
  maxHeaders: number | undefined;
  mergeSlashes: boolean | undefined;
}

/** Those of the default server of an address hold for all that come in by it: the name is not known before. */
export interface ClientSrv {
  readonly clientHeaderTimeoutMs: number;
  readonly clientHeaderBufferSize: number;
  readonly largeClientHeaderBuffers: HeaderBuffers;
  readonly maxHeaders: number;
  readonly mergeSlashes: boolean;
}

interface KeepaliveTimeout {
  readonly ms: number;
  readonly headerS: number | undefined;
}

interface LocRaw {
  keepaliveTimeout: KeepaliveTimeout | undefined;
  keepaliveRequests: number | undefined;
  keepaliveTimeMs: number | undefined;
  keepaliveMinTimeoutMs: number | undefined;
  keepaliveDisable: Set<'none' | 'msie6' | 'safari'> | undefined;
  clientBodyTimeoutMs: number | undefined;
  sendTimeoutMs: number | undefined;
  lingeringClose: 'off' | 'on' | 'always' | undefined;
  lingeringTimeMs: number | undefined;
  lingeringTimeoutMs: number | undefined;
  resetTimedoutConnection: boolean | undefined;
  chunkedTransferEncoding: boolean | undefined;
}

export interface ClientLoc {
  /** 0: the connection is closed after each answer. */
  readonly keepaliveMs: number;
  /** Told to the client. */
  readonly keepaliveHeaderS: number | undefined;
  readonly keepaliveRequests: number;
  readonly keepaliveTimeMs: number;
  readonly clientBodyTimeoutMs: number;
  readonly sendTimeoutMs: number;
  readonly lingeringClose: 'off' | 'on' | 'always';
  readonly lingeringTimeMs: number;
  readonly lingeringTimeoutMs: number;
  /** A timed out connection ends by a reset. */
  readonly resetTimedoutConnection: boolean;
  /** A body of unknown length comes in pieces; otherwise the end of the connection ends it. */
  readonly chunkedTransferEncoding: boolean;
}

const all = { contexts: ['http', 'http.server', 'http.location'] } as const;
const servers = { contexts: ['http', 'http.server'] } as const;
/** Of nginx's memory pools, which a buffer may not be smaller than. */
const POOL_SIZE = 512;

const headerBuffers = slot<'largeClientHeaderBuffers', HeaderBuffers>(
  'large_client_header_buffers',
  'largeClientHeaderBuffers',
  args(2),
  {
    ...servers,
    syntax: 'large_client_header_buffers number size;',
    default: '4 8k',
    summary: 'How much the head of a request may take: no line more than one buffer, and all lines what there are.',
  },
  ([first = '', second = '']) => {
    const number = parseNumber(first);
    const size = parseSize(second);
    if (number === undefined || number === 0 || size === undefined || size === 0) return new Fault('invalid value');
    return { number, size };
  },
);

/** @param position where a server ends: only there it is found @throws ConfError */
function checkedBuffers(buffers: HeaderBuffers, position: Position | undefined): HeaderBuffers {
  if (buffers.size >= POOL_SIZE || position === undefined) return buffers;
  const text = 'the "large_client_header_buffers" size must be equal to or greater than "connection_pool_size"';
  throw new ConfError(text, position);
}

const keepaliveTimeout = slot<'keepaliveTimeout', KeepaliveTimeout>(
  'keepalive_timeout',
  'keepaliveTimeout',
  args(1, 2),
  {
    ...all,
    syntax: 'keepalive_timeout timeout [header_timeout];',
    default: '75s',
    summary: 'How long a connection waits for the next request, 0 for not at all; and what the client is told of it.',
  },
  ([first = '', second]) => {
    const ms = parseMsec(first);
    const headerS = second === undefined ? undefined : parseSec(second);
    if (ms === undefined || (second !== undefined && headerS === undefined)) return new Fault('invalid value');
    return { ms, headerS: headerS === 0 ? undefined : headerS };
  },
);

export const clientModule = defineHttpModule({
  name: 'client',
  srv: {
    create: (): SrvRaw => ({
      clientHeaderTimeoutMs: undefined,
      clientHeaderBufferSize: undefined,
      largeClientHeaderBuffers: undefined,
      maxHeaders: undefined,
      mergeSlashes: undefined,
    }),
    directives: [
      msecSlot('client_header_timeout', 'clientHeaderTimeoutMs', {
        ...servers,
        syntax: 'client_header_timeout time;',
        default: '60s',
        summary: 'How long the whole head of a request may take.',
      }),
      sizeSlot('client_header_buffer_size', 'clientHeaderBufferSize', {
        ...servers,
        syntax: 'client_header_buffer_size size;',
        default: '1k',
        summary: 'The buffer that the head of a request goes into before it needs a large one.',
      }),
      headerBuffers,
      numSlot('max_headers', 'maxHeaders', {
        ...servers,
        syntax: 'max_headers number;',
        default: '1000',
        summary: 'How many header lines a request may have.',
      }),
      flagSlot('merge_slashes', 'mergeSlashes', {
        ...servers,
        syntax: 'merge_slashes on | off;',
        default: 'on',
        summary: 'Whether several slashes in a row count as one.',
      }),
    ],
    merge: (prev: ClientSrv | undefined, raw, { position }): ClientSrv => ({
      clientHeaderTimeoutMs: raw.clientHeaderTimeoutMs ?? prev?.clientHeaderTimeoutMs ?? 60_000,
      clientHeaderBufferSize: raw.clientHeaderBufferSize ?? prev?.clientHeaderBufferSize ?? 1024,
      largeClientHeaderBuffers: checkedBuffers(
        raw.largeClientHeaderBuffers ?? prev?.largeClientHeaderBuffers ?? { number: 4, size: 8192 },
        prev === undefined ? undefined : position,
      ),
      maxHeaders: raw.maxHeaders ?? prev?.maxHeaders ?? 1000,
      mergeSlashes: raw.mergeSlashes ?? prev?.mergeSlashes ?? true,
    }),
  },
  loc: {
    create: (): LocRaw => ({
      keepaliveTimeout: undefined,
      keepaliveRequests: undefined,
      keepaliveTimeMs: undefined,
      keepaliveMinTimeoutMs: undefined,
      keepaliveDisable: undefined,
      clientBodyTimeoutMs: undefined,
      sendTimeoutMs: undefined,
      lingeringClose: undefined,
      lingeringTimeMs: undefined,
      lingeringTimeoutMs: undefined,
      resetTimedoutConnection: undefined,
      chunkedTransferEncoding: undefined,
    }),
    directives: [
      keepaliveTimeout,
      numSlot('keepalive_requests', 'keepaliveRequests', {
        ...all,
        syntax: 'keepalive_requests number;',
        default: '1000',
        summary: 'Requests that one connection may bring.',
      }),
      msecSlot('keepalive_time', 'keepaliveTimeMs', {
        ...all,
        syntax: 'keepalive_time time;',
        default: '1h',
        summary: 'How old a connection may be that waits for another request.',
      }),
      msecSlot('keepalive_min_timeout', 'keepaliveMinTimeoutMs', {
        ...all,
        syntax: 'keepalive_min_timeout timeout;',
        default: '0',
        summary: 'How long an idle connection is spared when the server shuts down.',
        noEffect: 'idle connections are closed as soon as a worker shuts down',
      }),
      bitmaskSlot(
        'keepalive_disable',
        'keepaliveDisable',
        { none: 'none', msie6: 'msie6', safari: 'safari' },
        {
          ...all,
          syntax: 'keepalive_disable none | browser ...;',
          default: 'msie6',
          summary: 'Old browsers whose connections are closed after each answer.',
          noEffect: 'browsers of today need no such care',
        },
      ),
      msecSlot('client_body_timeout', 'clientBodyTimeoutMs', {
        ...all,
        syntax: 'client_body_timeout time;',
        default: '60s',
        summary: 'How long the client may be silent within a body.',
      }),
      msecSlot('send_timeout', 'sendTimeoutMs', {
        ...all,
        syntax: 'send_timeout time;',
        default: '60s',
        summary: 'How long the client may take nothing of an answer.',
      }),
      enumSlot(
        'lingering_close',
        'lingeringClose',
        { off: 'off', on: 'on', always: 'always' },
        {
          ...all,
          syntax: 'lingering_close off | on | always;',
          default: 'on',
          summary: 'Whether what a client still sends is read and dropped for a while before its connection is closed.',
        },
      ),
      msecSlot('lingering_time', 'lingeringTimeMs', {
        ...all,
        syntax: 'lingering_time time;',
        default: '30s',
        summary: 'How long in all a lingering close may take.',
      }),
      msecSlot('lingering_timeout', 'lingeringTimeoutMs', {
        ...all,
        syntax: 'lingering_timeout time;',
        default: '5s',
        summary: 'How long a lingering close waits for more of the client.',
      }),
      flagSlot('reset_timedout_connection', 'resetTimedoutConnection', {
        ...all,
        syntax: 'reset_timedout_connection on | off;',
        default: 'off',
        summary: 'Whether connections that ran out of time, or got status 444, end by a reset.',
      }),
      flagSlot('chunked_transfer_encoding', 'chunkedTransferEncoding', {
        ...all,
        syntax: 'chunked_transfer_encoding on | off;',
        default: 'on',
        summary: 'Whether an answer of unknown length is sent in pieces, so that the connection can stay open.',
      }),
    ],
    merge: (prev: ClientLoc | undefined, raw): ClientLoc => ({
      keepaliveMs: raw.keepaliveTimeout?.ms ?? prev?.keepaliveMs ?? 75_000,
      keepaliveHeaderS: raw.keepaliveTimeout === undefined ? prev?.keepaliveHeaderS : raw.keepaliveTimeout.headerS,
      keepaliveRequests: raw.keepaliveRequests ?? prev?.keepaliveRequests ?? 1000,
      keepaliveTimeMs: raw.keepaliveTimeMs ?? prev?.keepaliveTimeMs ?? 3_600_000,
      clientBodyTimeoutMs: raw.clientBodyTimeoutMs ?? prev?.clientBodyTimeoutMs ?? 60_000,
      sendTimeoutMs: raw.sendTimeoutMs ?? prev?.sendTimeoutMs ?? 60_000,
      lingeringClose: raw.lingeringClose ?? prev?.lingeringClose ?? 'on',
      lingeringTimeMs: raw.lingeringTimeMs ?? prev?.lingeringTimeMs ?? 30_000,
      lingeringTimeoutMs: raw.lingeringTimeoutMs ?? prev?.lingeringTimeoutMs ?? 5000,
      resetTimedoutConnection: raw.resetTimedoutConnection ?? prev?.resetTimedoutConnection ?? false,
      chunkedTransferEncoding: raw.chunkedTransferEncoding ?? prev?.chunkedTransferEncoding ?? true,
    }),
  },
});
