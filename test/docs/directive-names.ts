// The names of nginx's directives, context by context: what the table has to know.

/** Of nginx 1.31.5 with its mail modules, and of the builds and modules that distributions make. */
export const NGINX_DIRECTIVES = {
  main: `daemon debug_points env error_log events http include js_load_http_native_module load_module lock_file mail
    master_process pcre_jit pid quic_bpf ssl_engine ssl_object_cache_inheritable stream thread_pool timer_resolution user worker_cpu_affinity worker_priority
    worker_processes worker_rlimit_core worker_rlimit_nofile worker_shutdown_timeout working_directory`,
  events: `accept_mutex accept_mutex_delay debug_connection epoll_events include multi_accept use worker_aio_requests
    worker_connections`,
  mail: `auth_http auth_http_header auth_http_pass_client_cert auth_http_timeout error_log imap_auth imap_capabilities
    imap_client_buffer include max_errors pop3_auth pop3_capabilities proxy proxy_buffer proxy_pass_error_message
    proxy_protocol proxy_smtp_auth proxy_timeout resolver resolver_timeout server server_name set_real_ip_from
    smtp_auth smtp_capabilities smtp_client_buffer smtp_greeting_delay ssl_certificate ssl_certificate_compression
    ssl_certificate_key ssl_ciphers ssl_client_certificate ssl_conf_command ssl_crl ssl_dhparam ssl_ecdh_curve
    ssl_password_file ssl_prefer_server_ciphers ssl_protocols ssl_session_cache ssl_session_ticket_key
    ssl_session_tickets ssl_session_timeout ssl_trusted_certificate ssl_verify_client ssl_verify_depth starttls timeout
    xclient`,
  /** Besides those of mail, less `server`. */
  'mail.server': 'listen protocol',
  /** nginx has no such block in mail: those of its stream module, and ours. */
  'mail.upstream': `affinity hash health_check health_check_timeout include ip_hash least_conn random resolver
    resolver_timeout server zone`,
  'mail.match': 'expect include send',
} as const;

const OWN_MAIL = [
  'access_log',
  'access_log_event',
  'allow',
  'auth_http_buffer',
  'auth_http_cache',
  'auth_http_cache_valid',
  'auth_http_keepalive',
  'auth_http_loopback',
  'auth_http_next_upstream',
  'auth_http_next_upstream_timeout',
  'auth_http_next_upstream_tries',
  'auth_http_ssl_certificate',
  'auth_http_ssl_certificate_key',
  'auth_http_ssl_ciphers',
  'auth_http_ssl_conf_command',
  'auth_http_ssl_crl',
  'auth_http_ssl_name',
  'auth_http_ssl_password_file',
  'auth_http_ssl_pin',
  'auth_http_ssl_protocols',
  'auth_http_ssl_server_name',
  'auth_http_ssl_session_reuse',
  'auth_http_ssl_trusted_certificate',
  'auth_http_ssl_verify',
  'auth_http_ssl_verify_depth',
  'auth_http_trust_ssl',
  'auth_http_version',
  'deny',
  'error_log_user_tag',
  'health_check_timeout',
  'max_commands',
  'open_log_file_cache',
  'pop3_client_buffer',
  'proxy_bind',
  'proxy_connect_timeout',
  'proxy_imap_auth',
  'proxy_imap_login',
  'proxy_next_upstream',
  'proxy_next_upstream_timeout',
  'proxy_next_upstream_tries',
  'proxy_pass',
  'proxy_pop3_auth',
  'proxy_socket_keepalive',
  'proxy_ssl',
  'proxy_ssl_alpn',
  'proxy_ssl_certificate',
  'proxy_ssl_certificate_cache',
  'proxy_ssl_certificate_key',
  'proxy_ssl_ciphers',
  'proxy_ssl_conf_command',
  'proxy_ssl_crl',
  'proxy_ssl_key_log',
  'proxy_ssl_name',
  'proxy_ssl_password_file',
  'proxy_ssl_pin',
  'proxy_ssl_protocols',
  'proxy_ssl_server_name',
  'proxy_ssl_session_reuse',
  'proxy_ssl_trusted_certificate',
  'proxy_ssl_verify',
  'proxy_ssl_verify_depth',
  'set',
  'ssl_certificate_cache',
  'websocket_allow_origin',
  'websocket_handshake_rate',
  'websocket_max_connections',
  'websocket_max_frame',
  'websocket_path',
  'websocket_ping',
  'websocket_timeout',
];
const OWN_MAIL_BLOCK = [
  'geo',
  'log_format',
  'map',
  'map_hash_bucket_size',
  'map_hash_max_size',
  'match',
  'split_clients',
];

/** Ours, which nginx does not know. */
export const OWN_DIRECTIVES: Readonly<Partial<Record<keyof typeof NGINX_DIRECTIVES, readonly string[]>>> = {
  main: ['config_watch', 'transport'],
  mail: [...OWN_MAIL, ...OWN_MAIL_BLOCK, 'upstream'],
  'mail.server': [...OWN_MAIL, 'health_check', 'status_zone'],
};

/** The commands of ssl_conf_command that OpenSSL 3.0 knows for a server. */
export const CONF_COMMANDS =
  `Certificate ChainCAFile ChainCAPath ChainCAStore Ciphersuites CipherString ClientCAFile ClientCAPath ClientCAStore
  ClientSignatureAlgorithms Curves DHParameters ECDHParameters Groups MaxProtocol MinProtocol NumTickets Options
  PrivateKey Protocol RecordPadding RequestCAFile RequestCAPath RequestCAStore ServerInfoFile SignatureAlgorithms
  VerifyCAFile VerifyCAPath VerifyCAStore VerifyMode`.split(/\s+/);

/** Options of `listen` in mail servers, each with a value that is accepted. */
export const LISTEN_OPTIONS = [
  'ssl',
  'proxy_protocol',
  'bind',
  'backlog=100',
  'rcvbuf=8k',
  'sndbuf=8k',
  'ipv6only=on',
  'multipath',
  'reuseport',
  'so_keepalive=on',
  'so_keepalive=60:10:5',
] as const;
