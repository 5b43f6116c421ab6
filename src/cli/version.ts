// What -v, -V and -h print: nginx's version line for the tools that read it, and ours beside it.
import { NGINX_VERSION } from '../core/nginx-version.ts';
import { packageVersion } from '../core/package-version.ts';
import type { Defaults } from './paths.ts';

/** What nginx has only where it is asked for, by the names that tools look for. */
const WITH = [
  '--with-http_auth_request_module',
  '--with-http_realip_module',
  '--with-http_ssl_module',
  '--with-http_stub_status_module',
  '--with-mail',
  '--with-mail_ssl_module',
];

/** What nginx has unless it is told otherwise, and Postern has not. */
const WITHOUT = `autoindex browser empty_gif grpc gzip limit_conn limit_req memcached mirror referer scgi ssi
  tunnel upstream_least_time upstream_sticky userid uwsgi`;

const CONFIGURE_ARGUMENTS = [
  ...WITH,
  '--without-http-cache',
  ...WITHOUT.split(/\s+/).map((name) => `--without-http_${name}_module`),
];

export const versionLine = (): string => `nginx version: nginx/${NGINX_VERSION} (postern/${packageVersion()})\n`;

/** certbot wants a space and text behind the number of OpenSSL, and no suffix. */
export function buildLines({ prefix, bodyFolder }: Defaults): string {
  const openssl = (process.versions.openssl ?? '').replace(/\+.*$/, '');
  return (
    `built by Node.js ${process.version} \n` +
    `built with OpenSSL ${openssl} (that of Node.js)\n` +
    'TLS SNI support enabled\n' +
    `configure arguments: --prefix=${prefix.replace(/\/$/, '')} --http-client-body-temp-path=${bodyFolder} ` +
    `${CONFIGURE_ARGUMENTS.join(' ')}\n`
  );
}

export function helpText({ prefix, errorLog, file }: Defaults): string {
  return `Usage: nginx [-?hvVtTq] [-s signal] [-p prefix]
             [-e filename] [-c filename] [-g directives]

Options:
  -?,-h         : this help
  -v            : show version and exit
  -V            : show version and configure options then exit
  -t            : test configuration and exit
  -T            : test configuration, dump it and exit
  -q            : suppress non-error messages during configuration testing
  -s signal     : send signal to a master process: stop, quit, reopen, reload
  -p prefix     : set prefix path (default: ${prefix})
  -e filename   : set error log file (default: ${errorLog})
  -c filename   : set configuration file (default: ${file})
  -g directives : set global directives out of configuration file

`;
}
