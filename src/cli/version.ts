// What -v, -V and -h print: nginx's version line for the tools that read it, and ours beside it.
import { NGINX_VERSION } from '../core/nginx-version.ts';
import { packageVersion } from '../core/package-version.ts';
import type { Defaults } from './paths.ts';

/** What there is, by the names that tools look for. */
const CONFIGURE_ARGUMENTS = [
  '--with-http_realip_module',
  '--with-http_ssl_module',
  '--with-mail',
  '--with-mail_ssl_module',
  '--without-http_fastcgi_module',
  '--without-http_uwsgi_module',
  '--without-http_scgi_module',
  '--without-http_grpc_module',
  '--without-http_memcached_module',
];

export const versionLine = (): string => `nginx version: nginx/${NGINX_VERSION} (postern/${packageVersion()})\n`;

/** certbot wants a space and text behind the number of OpenSSL, and no suffix. */
export function buildLines({ prefix }: Defaults): string {
  const openssl = (process.versions.openssl ?? '').replace(/\+.*$/, '');
  return (
    `built by Node.js ${process.version} \n` +
    `built with OpenSSL ${openssl} (that of Node.js)\n` +
    'TLS SNI support enabled\n' +
    `configure arguments: --prefix=${prefix.replace(/\/$/, '')} ${CONFIGURE_ARGUMENTS.join(' ')}\n`
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
