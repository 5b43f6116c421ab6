// What decides who gets what, how often, and from where, that nginx has and Postern has not.
import type { ContextName, Directive } from '../../conf/directive.ts';
import { EVERYWHERE, groupOf, type HasOnce, HTTP, LOCATION } from './group.ts';

const IN_SERVER: readonly ContextName[] = ['http.server', 'http.location'];
const WITH_EXCEPT: readonly ContextName[] = [...EVERYWHERE, 'http.limit_except'];
const UPSTREAM: readonly ContextName[] = ['http.upstream'];

export const decidingDirectives: readonly Directive<HasOnce>[] = [
  ...groupOf(
    'Limits on the rate of requests',
    ['refuse', EVERYWHERE, 'limit_req'],
    ['list', HTTP, 'limit_req_zone'],
    ['word', EVERYWHERE, 'limit_req_log_level'],
    ['number', EVERYWHERE, 'limit_req_status'],
    ['flag', EVERYWHERE, 'limit_req_dry_run'],
  ),
  ...groupOf(
    'Limits on the number of connections',
    ['refuse', EVERYWHERE, 'limit_conn'],
    ['list', HTTP, 'limit_conn_zone'],
    ['word', EVERYWHERE, 'limit_conn_log_level'],
    ['number', EVERYWHERE, 'limit_conn_status'],
    ['flag', EVERYWHERE, 'limit_conn_dry_run'],
  ),
  ...groupOf('Links that expire or are signed', [
    'refuse',
    EVERYWHERE,
    'secure_link secure_link_md5 secure_link_secret',
  ]),
  ...groupOf(
    'Sites that may link here',
    ['refuse', IN_SERVER, 'valid_referers'],
    ['number', IN_SERVER, 'referer_hash_bucket_size referer_hash_max_size'],
  ),
  ...groupOf(
    'Tokens and single sign-on',
    ['off', WITH_EXCEPT, 'auth_jwt'],
    ['refuse', WITH_EXCEPT, 'auth_jwt_key_file auth_jwt_key_request auth_jwt_type auth_jwt_require auth_require'],
    ['refuse', HTTP, 'auth_jwt_claim_set auth_jwt_header_set'],
    ['time', EVERYWHERE, 'auth_jwt_key_cache auth_jwt_leeway'],
    ['block', HTTP, 'oidc_provider'],
    ['off', EVERYWHERE, 'auth_oidc'],
  ),
  ...groupOf('Browsers by their names', [
    'refuse',
    EVERYWHERE,
    'ancient_browser ancient_browser_value modern_browser modern_browser_value',
  ]),
  ...groupOf(
    'Countries and networks of clients',
    ['refuse', HTTP, 'geoip_country geoip_city geoip_org'],
    ['list', HTTP, 'geoip_proxy'],
    ['flag', HTTP, 'geoip_proxy_recursive'],
  ),
  ...groupOf('Values by number', ['block', HTTP, 'num_map']),
  ...groupOf('Values that an API keeps', ['refuse', HTTP, 'keyval keyval_zone']),
  ...groupOf(
    'Requests that are sent twice, or elsewhere',
    ['off', EVERYWHERE, 'mirror'],
    ['flag', EVERYWHERE, 'mirror_request_body'],
    ['refuse', IN_SERVER, 'internal_redirect'],
    ['off', [...EVERYWHERE, 'http.location.if'], 'post_action'],
  ),
  ...groupOf(
    'Files that clients write',
    ['off', EVERYWHERE, 'dav_methods'],
    ['flag', EVERYWHERE, 'create_full_put_path'],
    ['words', EVERYWHERE, 'dav_access'],
    ['number', EVERYWHERE, 'min_delete_depth'],
  ),
  ...groupOf('Choice and state of servers', ['refuse', UPSTREAM, 'sticky queue least_time ntlm state']),
  ...groupOf('Health checks of servers', ['refuse', LOCATION, 'health_check'], ['block', HTTP, 'match']),
  ...groupOf(
    'Status and control over HTTP as they were before the api',
    ['refuse', LOCATION, 'status upstream_conf'],
    ['words', EVERYWHERE, 'status_format'],
  ),
];
