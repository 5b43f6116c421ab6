// HTTP/2 and HTTP/3, which are not spoken: their directives are accepted, and clients use HTTP/1.1.
import { args, type ByteString, type ContextName, type Directive } from '../conf/directive.ts';
import type { Meta } from '../conf/slots.ts';
import { type Accepted, aFlag, aNumber, nothingAccepted, someWords } from './accepted-slots.ts';
import { defineHttpModule } from './define.ts';

export const ONLY_1 = 'of HTTP only the versions up to 1.1 are spoken';

const HTTP: readonly ContextName[] = ['http'];
const SERVERS: readonly ContextName[] = [...HTTP, 'http.server'];
const ALL: readonly ContextName[] = [...SERVERS, 'http.location'];

const meta = (contexts: readonly ContextName[], syntax: string, summary: string, preset?: string): Meta => ({
  contexts,
  syntax,
  ...(preset === undefined ? {} : { default: preset }),
  summary,
  noEffect: ONLY_1,
});

const flag = (name: string, summary: string, preset = 'off', contexts = SERVERS): Directive<Accepted> =>
  aFlag(name, meta(contexts, `${name} on | off;`, summary, preset));

const number = (
  name: string,
  kind: 'size' | 'num',
  preset: string,
  summary: string,
  contexts = SERVERS,
): Directive<Accepted> =>
  aNumber(name, kind, meta(contexts, `${name} ${kind === 'size' ? 'size' : 'number'};`, summary, preset));

/** nginx has given it up; it may be repeated. @param instead what it says to use */
function obsolete(name: string, what: string, instead?: ByteString): Directive<Accepted> {
  const advice = instead === undefined ? 'ignored' : `use the "${instead}" directive instead`;
  return {
    ...someWords(name, args(1), meta(SERVERS, `${name} value;`, `Obsolete: ${what}`)),
    set: (cf) => {
      cf.warn(`the "${name}" directive is obsolete, ${advice}`);
      return undefined;
    },
  };
}

const http2: readonly Directive<Accepted>[] = [
  flag('http2', 'Whether HTTP/2 is spoken.'),
  number('http2_body_preread_size', 'size', '64k', 'How much of a body may come before it is asked for.'),
  number('http2_chunk_size', 'size', '8k', 'The size of pieces of an answer.', ALL),
  number('http2_max_concurrent_streams', 'num', '128', 'How many requests a connection may have at once.'),
  number('http2_recv_buffer_size', 'size', '256k', 'The input buffer of a worker.', HTTP),
  obsolete('http2_idle_timeout', 'how long a connection of HTTP/2 may be idle.', 'keepalive_timeout'),
  obsolete('http2_max_concurrent_pushes', 'how many answers may be pushed at once.'),
  obsolete('http2_max_field_size', 'how long a packed header line may be.', 'large_client_header_buffers'),
  obsolete('http2_max_header_size', 'how long all packed header lines may be.', 'large_client_header_buffers'),
  obsolete('http2_max_requests', 'how many requests a connection of HTTP/2 may bring.', 'keepalive_requests'),
  obsolete('http2_recv_timeout', 'how long a client of HTTP/2 may be silent.', 'client_header_timeout'),
  { ...obsolete('http2_push', 'what is sent before it is asked for.'), contexts: ALL },
  { ...obsolete('http2_push_preload', 'whether Link headers push what they name.'), contexts: ALL },
];

const http3: readonly Directive<Accepted>[] = [
  flag('http3', 'Whether HTTP/3 is spoken.', 'on'),
  flag('http3_hq', 'Whether HTTP/0.9 over QUIC is spoken.'),
  number('http3_max_concurrent_streams', 'num', '128', 'How many requests a connection of HTTP/3 may have at once.'),
  number('http3_stream_buffer_size', 'size', '64k', 'The buffer of a stream.'),
  number('quic_active_connection_id_limit', 'num', '2', 'How many identifiers a connection may have.'),
  flag('quic_gso', 'Whether datagrams are sent in batches.'),
  someWords('quic_host_key', args(1), meta(SERVERS, 'quic_host_key file;', 'The secret of tokens.')),
  flag('quic_retry', 'Whether addresses of clients are checked first.'),
];

export const versionsModule = defineHttpModule({
  name: 'versions',
  loc: {
    create: nothingAccepted,
    directives: [...http2, ...http3],
    merge: (_prev: undefined, _raw) => undefined,
  },
});
