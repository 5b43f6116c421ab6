// What makes or changes the content of answers, that nginx has and Postern has not.
import type { ContextName, Directive } from '../../conf/directive.ts';
import { EVERYWHERE, groupOf, type HasOnce, HTTP, LOCATION, WITH_IF } from './group.ts';

const CODE: readonly ContextName[] = [...LOCATION, 'http.location.if', 'http.limit_except'];
const MOST: readonly ContextName[] = [...LOCATION, 'http.limit_except'];

export const contentDirectives: readonly Directive<HasOnce>[] = [
  ...groupOf(
    'Server side includes',
    ['off', WITH_IF, 'ssi'],
    ['flag', EVERYWHERE, 'ssi_last_modified ssi_silent_errors ssi_ignore_recycled_buffers'],
    ['size', EVERYWHERE, 'ssi_min_file_chunk'],
    ['number', EVERYWHERE, 'ssi_value_length'],
    ['words', EVERYWHERE, 'ssi_types'],
  ),
  ...groupOf(
    'Replacement of texts',
    ['refuse', EVERYWHERE, 'sub_filter'],
    ['flag', EVERYWHERE, 'sub_filter_last_modified sub_filter_once'],
    ['words', EVERYWHERE, 'sub_filter_types'],
  ),
  ...groupOf(
    'Texts before and behind an answer',
    ['refuse', EVERYWHERE, 'add_before_body add_after_body'],
    ['words', EVERYWHERE, 'addition_types'],
  ),
  ...groupOf(
    'Lines behind a chunked answer',
    ['refuse', WITH_IF, 'add_trailer'],
    ['word', WITH_IF, 'add_trailer_inherit'],
  ),
  ...groupOf(
    'Conversion of texts to other characters',
    ['block', HTTP, 'charset_map'],
    ['refuse', WITH_IF, 'source_charset'],
    ['off', WITH_IF, 'override_charset'],
  ),
  ...groupOf(
    'Lists of the files of a folder',
    ['off', LOCATION, 'random_index'],
    ['flag', EVERYWHERE, 'autoindex_exact_size autoindex_localtime'],
    ['word', EVERYWHERE, 'autoindex_format'],
  ),
  ...groupOf('A picture of one pixel', ['refuse', LOCATION, 'empty_gif']),
  ...groupOf(
    'Pictures in other sizes',
    ['off', LOCATION, 'image_filter'],
    ['size', EVERYWHERE, 'image_filter_buffer'],
    ['flag', EVERYWHERE, 'image_filter_interlace image_filter_transparency'],
    ['word', EVERYWHERE, 'image_filter_jpeg_quality image_filter_sharpen image_filter_webp_quality'],
  ),
  ...groupOf(
    'Parts of films',
    ['refuse', LOCATION, 'flv mp4 f4f hls'],
    ['size', EVERYWHERE, 'mp4_buffer_size mp4_max_buffer_size f4f_buffer_size'],
    ['size', EVERYWHERE, 'hls_mp4_buffer_size hls_mp4_max_buffer_size'],
    ['buffers', EVERYWHERE, 'hls_buffers'],
    ['flag', EVERYWHERE, 'mp4_start_key_frame hls_forward_args'],
    ['word', EVERYWHERE, 'mp4_limit_rate mp4_limit_rate_after hls_fragment'],
  ),
  ...groupOf('Large answers by pieces', ['refuse', EVERYWHERE, 'slice']),
  ...groupOf(
    'Transformation of XML',
    ['refuse', LOCATION, 'xslt_stylesheet'],
    ['word', EVERYWHERE, 'xml_entities'],
    ['flag', EVERYWHERE, 'xml_external_entities xslt_last_modified'],
    ['list', EVERYWHERE, 'xslt_param xslt_string_param'],
    ['words', EVERYWHERE, 'xslt_types'],
  ),
  ...groupOf(
    'Cookies that tell clients apart',
    ['off', EVERYWHERE, 'userid'],
    ['word', EVERYWHERE, 'userid_domain userid_expires userid_mark userid_name userid_p3p userid_path userid_service'],
    ['words', EVERYWHERE, 'userid_flags'],
  ),
  ...groupOf(
    'Code in Perl',
    ['refuse', MOST, 'perl'],
    ['refuse', HTTP, 'perl_set perl_require'],
    ['list', HTTP, 'perl_modules'],
  ),
  ...groupOf(
    'Code in JavaScript',
    ['refuse', CODE, 'js_access js_body_filter js_content js_header_filter'],
    ['refuse', LOCATION, 'js_periodic'],
    ['refuse', EVERYWHERE, 'js_import js_path js_preload_object js_set js_var'],
    ['refuse', HTTP, 'js_include js_shared_dict_zone'],
    ['word', EVERYWHERE, 'js_context_reuse js_engine js_fetch_buffer_size js_fetch_ciphers js_fetch_keepalive'],
    ['word', EVERYWHERE, 'js_fetch_keepalive_requests js_fetch_keepalive_time js_fetch_keepalive_timeout'],
    ['word', EVERYWHERE, 'js_fetch_max_response_buffer_size js_fetch_proxy js_fetch_timeout'],
    ['word', EVERYWHERE, 'js_fetch_trusted_certificate js_fetch_verify js_fetch_verify_depth'],
    ['words', EVERYWHERE, 'js_fetch_protocols'],
  ),
  ...groupOf(
    'Logs of sessions',
    ['off', EVERYWHERE, 'session_log'],
    ['list', HTTP, 'session_log_format session_log_zone'],
  ),
  ...groupOf(
    'Certificates by ACME',
    ['block', HTTP, 'acme_issuer'],
    ['refuse', ['http.server'], 'acme_certificate'],
    ['list', HTTP, 'acme_shared_zone'],
  ),
];
