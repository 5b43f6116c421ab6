// Directives that tune what nginx does and Postern does not: nothing changes for clients but bytes and speed.
import { args, type Directive, whole } from '../../conf/directive.ts';
import { accepted, allOf, EVERYWHERE, type Group, type HasOnce, SERVERS } from './group.ts';

const PACKED: Group = { summary: 'Details of compression, and its opposite', why: 'answers are sent as they are' };
const VERSIONS: Group = { summary: 'Details of HTTP/2', why: 'of HTTP only the versions up to 1.1 are spoken' };
const OTHER: Group = { summary: 'Other tuning', why: 'it tunes how nginx works inside' };

/** With `always` clients get what is there in no other form. */
const gzipStatic: Directive<HasOnce> = {
  ...accepted(PACKED, 'word', EVERYWHERE, 'gzip_static'),
  arity: args(1),
  set: (cf, values, conf) => {
    const [word = ''] = values;
    if (word === 'always') return whole('"gzip_static always" is not implemented in Postern');
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
  ...allOf(VERSIONS, ['number', SERVERS, 'http2_pool_size http2_streams_index_size']),
  ...allOf(OTHER, ['flag', EVERYWHERE, 'open_file_cache_events'], ['list', EVERYWHERE, 'early_hints error_log_tag']),
];
