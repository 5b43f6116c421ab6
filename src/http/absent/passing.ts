// Ways to pass a request on that Postern does not have: uwsgi, SCGI, gRPC, memcached and CONNECT tunnels.
import type { ContextName, Directive } from '../../conf/directive.ts';
import { dynamicDirectives, storageDirectives } from '../upstream/storage.ts';
import { accepted, EVERYWHERE, type Group, type HasOnce, type Kind, refused } from './group.ts';

const PASSING: readonly ContextName[] = ['http.location', 'http.location.if'];

const groupOf = (prefix: string, summary: string): Group => ({
  summary,
  why: `it means nothing without "${prefix}_pass"`,
});

/** What directives of all of them are about. */
const COMMON = {
  time: 'connect_timeout read_timeout send_timeout next_upstream_timeout',
  size: 'buffer_size',
  number: 'next_upstream_tries',
  flag: 'socket_keepalive',
  words: 'bind next_upstream',
};

const GATEWAY = {
  flag: 'buffering ignore_client_abort intercept_errors pass_request_body pass_request_headers request_buffering',
  size: 'busy_buffers_size max_temp_file_size temp_file_write_size',
  buffers: 'buffers',
  words: 'ignore_headers',
  list: 'hide_header param pass_header',
};

const TLS = {
  flag: 'ssl_server_name ssl_session_reuse ssl_verify',
  number: 'ssl_verify_depth',
  word: `ssl_certificate ssl_certificate_key ssl_ciphers ssl_crl ssl_key_log ssl_name ssl_password_file
    ssl_trusted_certificate`,
  words: 'ssl_certificate_cache ssl_protocols',
  list: 'ssl_conf_command',
};

type Names = Readonly<Partial<Record<Kind, string>>>;

const KINDS: readonly Kind[] = ['flag', 'time', 'size', 'number', 'buffers', 'word', 'words', 'list'];

const all = (prefix: string, group: Group, names: Names): Directive<HasOnce>[] =>
  KINDS.flatMap((kind) =>
    (names[kind]?.split(/\s+/) ?? []).map((rest) => accepted(group, kind, EVERYWHERE, `${prefix}_${rest}`)),
  );

function family(prefix: string, summary: string, ...parts: readonly Names[]): Directive<HasOnce>[] {
  const group = groupOf(prefix, summary);
  return [
    refused(group, PASSING, `${prefix}_pass`),
    ...[COMMON, ...parts].flatMap((names) => all(prefix, group, names)),
  ];
}

const TUNNEL = 'Tunnels of a forward proxy';

export const passingDirectives: readonly Directive<HasOnce>[] = [
  ...family('uwsgi', 'Applications that speak uwsgi', GATEWAY, TLS, {
    number: 'modifier1 modifier2',
    word: 'string',
  }),
  ...storageDirectives('uwsgi'),
  ...family('scgi', 'Applications that speak SCGI', GATEWAY),
  ...storageDirectives('scgi'),
  ...family('grpc', 'Servers that speak gRPC', TLS, {
    flag: 'intercept_errors',
    size: 'socket_rcvbuf socket_sndbuf',
    words: 'ignore_headers',
    list: 'hide_header pass_header set_header',
  }),
  ...dynamicDirectives('grpc'),
  ...family('memcached', 'Answers out of memcached', { number: 'gzip_flag' }),
  ...dynamicDirectives('memcached'),
  ...family('tunnel', TUNNEL, { size: 'send_lowat socket_rcvbuf socket_sndbuf' }).map((directive) =>
    directive.name === 'tunnel_pass'
      ? refused(groupOf('tunnel', TUNNEL), ['http.server', ...PASSING], directive.name)
      : directive,
  ),
  ...dynamicDirectives('tunnel'),
];
