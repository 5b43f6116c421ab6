// Directives of modules that come in packages of their own beside nginx.
import type { ContextName, Directive } from '../../conf/directive.ts';
import { allOf, EVERYWHERE, groupOf, type HasOnce, HTTP, LOCATION, type Names, SERVERS, WITH_IF } from './group.ts';

const IN_LOCATION: readonly ContextName[] = [...LOCATION, 'http.location.if'];
const EXCEPT: readonly ContextName[] = [...EVERYWHERE, 'http.limit_except'];

const packer = (name: string): readonly Names[] => [
  ['flag', WITH_IF, name],
  ['word', EVERYWHERE, `${name}_static ${name}_comp_level ${name}_min_length`],
  ['words', EVERYWHERE, `${name}_types`],
  ['buffers', EVERYWHERE, `${name}_buffers`],
];

export const packageDirectives: readonly Directive<HasOnce>[] = [
  ...allOf(
    { summary: 'Brotli and Zstandard', why: 'answers are not compressed' },
    ...packer('brotli'),
    ['size', EVERYWHERE, 'brotli_window'],
    ...packer('zstd'),
    ['word', EVERYWHERE, 'zstd_dict_file'],
  ),
  ...groupOf('Headers set and cleared, by headers-more', [
    'refuse',
    WITH_IF,
    'more_set_headers more_clear_headers more_set_input_headers more_clear_input_headers',
  ]),
  ...groupOf(
    'Countries of clients, by geoip2',
    ['block', HTTP, 'geoip2'],
    ['list', HTTP, 'geoip2_proxy'],
    ['flag', HTTP, 'geoip2_proxy_recursive'],
  ),
  ...groupOf('Logins by PAM', ['refuse', EXCEPT, 'auth_pam auth_pam_service_name auth_pam_set_pam_env']),
  ...groupOf(
    'More of WebDAV',
    ['refuse', EVERYWHERE, 'dav_ext_methods dav_ext_lock'],
    ['list', HTTP, 'dav_ext_lock_zone'],
  ),
  ...groupOf('Filters of ModSecurity', [
    'refuse',
    EVERYWHERE,
    'modsecurity modsecurity_rules modsecurity_rules_file modsecurity_rules_remote modsecurity_transaction_id',
  ]),
  ...groupOf(
    'More replacement of texts',
    ['refuse', EVERYWHERE, 'subs_filter'],
    ['words', EVERYWHERE, 'subs_filter_types subs_filter_bypass'],
  ),
  ...groupOf('Lists of files, by fancyindex', ['off', WITH_IF, 'fancyindex']),
  ...groupOf('Replies by echo', ['refuse', IN_LOCATION, 'echo echo_exec echo_location echo_subrequest']),
  ...groupOf(
    'Code in Lua',
    ['refuse', EVERYWHERE, 'access_by_lua_file rewrite_by_lua_file header_filter_by_lua_file log_by_lua_file'],
    ['block', EVERYWHERE, 'access_by_lua_block rewrite_by_lua_block header_filter_by_lua_block log_by_lua_block'],
    ['refuse', IN_LOCATION, 'content_by_lua_file'],
    ['block', IN_LOCATION, 'content_by_lua_block'],
    ['block', HTTP, 'init_by_lua_block init_worker_by_lua_block'],
    ['list', HTTP, 'lua_package_path lua_package_cpath lua_shared_dict'],
  ),
  ...groupOf('Choice of servers by load', ['refuse', ['http.upstream'], 'fair']),
  ...groupOf(
    'Progress of uploads',
    ['refuse', LOCATION, 'report_uploads track_uploads'],
    ['list', SERVERS, 'upload_progress'],
  ),
];
