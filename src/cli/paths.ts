// Where things are when the command line does not say: in a system's own nginx directories, or under a prefix.
import { existsSync } from 'node:fs';
import type { ByteString } from '../conf/directive.ts';
import type { Options } from './options.ts';

/** All absolute, or relative to the working directory where -p or -c is. */
export interface Paths {
  /** With its final slash. */
  readonly prefix: ByteString;
  readonly file: ByteString;
  /** The directory of the file, with its final slash. */
  readonly confPrefix: ByteString;
  /** Of the log before the configuration is read; `stderr`: the standard error. */
  readonly errorLog: ByteString;
  /** Where the configuration names no pid file. */
  readonly pid: ByteString;
  /** For bodies of requests, where the configuration names none. */
  readonly bodyFolder: ByteString;
}

export interface Defaults {
  readonly prefix: ByteString;
  readonly file: ByteString;
  readonly errorLog: ByteString;
  readonly pid: ByteString;
  readonly bodyFolder: ByteString;
}

/** Where Debian, nginx.org and others put it. */
const SYSTEM: Defaults = {
  prefix: '/etc/nginx/',
  file: '/etc/nginx/nginx.conf',
  errorLog: '/var/log/nginx/error.log',
  pid: '/run/nginx.pid',
  bodyFolder: '/var/lib/nginx/body',
};

const UNDER_PREFIX: Defaults = {
  prefix: '/usr/local/nginx/',
  file: 'conf/nginx.conf',
  errorLog: 'logs/error.log',
  pid: 'logs/nginx.pid',
  bodyFolder: 'client_body_temp',
};

/** @param prefix that of -p: what belongs to the system does not count then */
export function defaults(prefix: ByteString | undefined): Defaults {
  if (prefix !== undefined) return { ...UNDER_PREFIX, prefix };
  if (!existsSync(SYSTEM.file)) return UNDER_PREFIX;
  return existsSync('/var/lib/nginx') ? SYSTEM : { ...SYSTEM, bodyFolder: '/var/cache/nginx/client_temp' };
}

export function resolvePaths(options: Options): Paths {
  const base = defaults(options.prefix);
  const prefix = base.prefix === '' || base.prefix.endsWith('/') ? base.prefix : `${base.prefix}/`;
  const under = (path: ByteString): ByteString => (path.startsWith('/') ? path : prefix + path);
  const file = under(options.file ?? base.file);
  const errorLog = options.errorLog ?? base.errorLog;
  return {
    prefix,
    file,
    confPrefix: file.slice(0, file.lastIndexOf('/') + 1),
    errorLog: errorLog === '' || errorLog === 'stderr' ? 'stderr' : under(errorLog),
    pid: under(base.pid),
    bodyFolder: under(base.bodyFolder),
  };
}
