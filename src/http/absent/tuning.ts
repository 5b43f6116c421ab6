// Directives that tune what nginx does and Postern does not: nothing changes for clients but bytes and speed.
import { args, type Directive, whole } from '../../conf/directive.ts';
import { accepted, allOf, EVERYWHERE, type Group, type HasOnce, HTTP, SERVERS } from './group.ts';

const PACKED: Group = { summary: 'Details of compression, and its opposite', why: 'answers are sent as they are' };
const VERSIONS: Group = { summary: 'HTTP/2 and HTTP/3', why: 'of HTTP only the versions up to 1.1 are spoken' };
const OTHER: Group = { summary: 'Other tuning', why: 'it tunes how nginx works inside' };

/** With `always` clients get what is there in no other form. */
const gzipStatic: Directive<HasOnce> = {
  ...accepted(PACKED, 'word', EVERYWHERE, 'gzip_static'),
  arity: args(1),
  set: (cf, values, conf) => {
    const [word = ''] = values;
    if (word === 'always') return whole('"gzip_static always": Postern does not implement it');
    if (word !== 'on' && word !== 'off') return whole(`invalid value "${word}"`);
    return accepted(PACKED, 'word', EVERYWHERE, 'gzip_static').set(cf, values, conf);
  },
};

export const tuningDirectives: readonly Directive<HasOnce>[] = [
  gzipStatic,
  ...allOf(
    PACKED,
    ['flag', EVERYWHERE, 'gunzip gzip_no_buffer postpone_gzipping'],
    ['size', EVERYWHERE, 'gzip_hash gzip_window'],
    ['buffers', EVERYWHERE, 'gunzip_buffers'],
  ),
  ...allOf(
    VERSIONS,
    ['flag', SERVERS, 'http2 http3 http3_hq quic_gso quic_retry'],
    ['size', SERVERS, 'http2_body_preread_size http2_max_field_size http2_max_header_size http2_pool_size'],
    ['size', SERVERS, 'http3_stream_buffer_size'],
    ['number', SERVERS, 'http2_max_concurrent_pushes http2_max_concurrent_streams http2_max_requests'],
    ['number', SERVERS, 'http2_streams_index_size http3_max_concurrent_streams quic_active_connection_id_limit'],
    ['time', SERVERS, 'http2_idle_timeout http2_recv_timeout'],
    ['word', SERVERS, 'quic_host_key'],
    ['size', EVERYWHERE, 'http2_chunk_size'],
    ['list', EVERYWHERE, 'http2_push'],
    ['flag', EVERYWHERE, 'http2_push_preload'],
    ['size', HTTP, 'http2_recv_buffer_size'],
  ),
  ...allOf(OTHER, ['flag', EVERYWHERE, 'open_file_cache_events'], ['list', EVERYWHERE, 'early_hints error_log_tag']),
];
