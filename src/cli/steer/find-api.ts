// Where the api is: as said, or the first location with one that the configuration has on an address of this machine.
import { type ByteString, ConfError } from '../../conf/directive.ts';
import { controlModule } from '../../control/module.ts';
import { isWildcard, type SocketAddress } from '../../core/address.ts';
import { DiskEnvironment } from '../../core/disk-environment.ts';
import { buildCycle } from '../../module/cycle.ts';
import { modules } from '../../modules.ts';
import { parseOptions } from '../options.ts';
import { resolvePaths } from '../paths.ts';
import { Failure } from './failure.ts';

export interface ApiAddress {
  readonly protocol: 'http:' | 'https:';
  /** Of a unix socket. */
  readonly socketPath: string | undefined;
  readonly host: string;
  readonly port: number;
  /** Without a slash at its end. */
  readonly path: string;
  /** `USER:PASSWORD` */
  readonly credentials: string | undefined;
}

const PATH = '/api';
const NOT_IN_TARGETS = /[^!-~]/;

/** @param text `http://[USER:PASSWORD@]HOST[:PORT][/PATH]` or `unix:FILE[:/PATH]` @throws Failure */
export function parseApi(text: string, credentials: string | undefined): ApiAddress {
  if (text.startsWith('unix:')) {
    const [, file = '', path = PATH] = /^unix:([^:]+)(?::(\/.*))?$/.exec(text) ?? [];
    if (file === '' || NOT_IN_TARGETS.test(path)) throw new Failure(2, `invalid --api "${text}"`);
    return { protocol: 'http:', socketPath: file, host: 'localhost', port: 80, path: withoutSlash(path), credentials };
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const { protocol } = url ?? {};
  if (url === undefined || (protocol !== 'http:' && protocol !== 'https:')) {
    throw new Failure(2, `invalid --api "${text}"`);
  }
  const own = userOf(url);
  if (own === undefined) throw new Failure(2, `invalid --api "${text}"`);
  return {
    protocol,
    socketPath: undefined,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (protocol === 'http:' ? 80 : 443) : Number(url.port),
    path: url.pathname === '/' ? PATH : withoutSlash(url.pathname),
    credentials: url.username === '' ? credentials : own,
  };
}

/** @returns undefined: its escapes are none */
function userOf({ username, password }: URL): string | undefined {
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch {
    return undefined;
  }
}

const withoutSlash = (path: string): string => path.replace(/\/+$/, '');

/** @param writes only one with `write=on` will do @throws Failure */
export function findApi(words: readonly string[], writes: boolean, credentials: string | undefined): ApiAddress {
  const options = parseOptions(words.map((word) => Buffer.from(word).toString('latin1')));
  if (typeof options === 'string') throw new Failure(2, options);
  const { confPrefix, file, prefix } = resolvePaths(options);
  try {
    const env = new DiskEnvironment({ prefix, confPrefix, report: () => {} });
    const cycle = buildCycle({ modules, env, file, globalDirectives: options.globalDirectives ?? '' });
    cycle.init();
    for (const place of cycle.store.get(controlModule.conf).places) {
      if (writes && !place.write) continue;
      const address = place.addresses().find(isLocal);
      if (address !== undefined) return apiAt(address, targetOf(withoutSlash(place.path)), credentials);
    }
  } catch (error) {
    if (!(error instanceof ConfError)) throw error;
    throw new Failure(3, `${file} cannot be read (${error.message}): name the api with --api`);
  }
  const what = writes ? '"api write=on"' : '"api"';
  throw new Failure(3, `${file} has no location with ${what} on an address of this machine: name it with --api`);
}

/** A location is named by what clients send, without its escapes. */
const targetOf = (path: ByteString): string =>
  path.replace(/[^\w./~!$&'()*+,;=:@-]/g, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`);

const isLocal = (address: SocketAddress): boolean =>
  address.kind === 'unix' || isWildcard(address) || /^(127\.|::1$)/.test(address.ip);

function apiAt(address: SocketAddress, path: string, credentials: string | undefined): ApiAddress {
  const at = { protocol: 'http:' as const, path, credentials };
  if (address.kind === 'unix') return { ...at, socketPath: address.path, host: 'localhost', port: 80 };
  const { bytes, ip, port } = address;
  const host = !isWildcard(address) ? ip : bytes.length === 4 ? '127.0.0.1' : '::1';
  return { ...at, socketPath: undefined, host, port };
}
