// A mail server whose auth service is an http server of the same configuration, asked by sockets or in memory.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Cleanup, type Scope } from './cleanup.ts';
import { type FakeBackend, imapBackend, startBackend } from './fake-backend.ts';
import { LogFile } from './log-file.ts';
import { type MailServer, startServer } from './server.ts';
import type { Target } from './target.ts';
import type { Wire } from './wire.ts';

type Loopback = 'on' | 'off';

export interface AuthSite {
  readonly server: MailServer;
  readonly backend: FakeBackend;
  /** Logs in, and reads what comes until a line with the tag, or the end. @returns what came */
  login(wire: Wire, tag?: string, user?: string): Promise<string>;
  /** Closes, and waits for the end of the session in the log where it has logged in. @param answer to the login */
  leave(wire: Wire, answer: string | undefined): Promise<void>;
  /** A connection that has been greeted. */
  open(): Promise<Wire>;
}

export interface AuthSiteOptions {
  /** Of the mail block. */
  readonly mail?: string;
  /** Where the auth service is; the name of a placeholder, or an address. */
  readonly at?: string;
  /** The whole http server less its listen, or with it where `listens` is true. `@ok@` is an answer that lets in. */
  readonly http: string;
  readonly listens?: boolean;
  /** Directives of the http block. */
  readonly block?: string;
  readonly main?: string;
  readonly allow?: RegExp;
  /** What differs from run to run: not to be seen. */
  readonly hides?: readonly string[];
  readonly target?: Target;
  readonly files?: Readonly<Record<string, string | Buffer>>;
}

const LINE = [
  '$remote_addr|$remote_port|$binary_remote_addr|$server_addr|$server_port|$realip_remote_addr',
  '$connection|$connection_requests|$request|$status|$bytes_sent|$body_bytes_sent|$request_length|$request_completion',
  '$pipe|$scheme|$server_protocol|$http_host|$http_auth_user|$http_connection|$proxy_protocol_addr|$upstream_status',
  '$connections_active|$connections_reading|$connections_writing|$connections_waiting',
].join('|');

const DONE = /proxied session done/g;

async function startAuthSite(scope: Scope, loopback: Loopback, options: AuthSiteOptions): Promise<AuthSite> {
  const { mail = '', at = '@auth@', http, listens = false, block = '', main = '', allow, files, target } = options;
  const backend = await startBackend(scope, imapBackend);
  const lets = `add_header Auth-Status OK; add_header Auth-Server ${backend.host}; add_header Auth-Port ${backend.port};`;
  const config = `${main}
    mail { auth_http ${at}:/auth; auth_http_loopback ${loopback}; ${mail} server { listen @imap@; protocol imap; } }
    http { log_format all '${LINE}'; access_log @DIR@/access.log all; ${block}
      server { ${listens ? '' : 'listen @auth@;'} ${http} } }`;
  const server = await startServer(scope, {
    config: config.replace(/(\d|@):\/auth/, '$1/auth').replaceAll('@ok@', lets),
    ...(allow === undefined ? {} : { allow }),
    ...(files === undefined ? {} : { files }),
    ...(target === undefined ? {} : { target }),
  });
  const open = async (): Promise<Wire> => {
    const wire = await server.connect('imap');
    scope.after(() => wire.destroy());
    await wire.expectLine('* OK IMAP4 ready\r\n');
    return wire;
  };
  const login = async (wire: Wire, tag = 'a', user = 'jo'): Promise<string> => {
    await wire.send(`${tag} LOGIN ${user} secret\r\n`);
    return wire.line().catch((error: Error) => error.message);
  };
  const leave = async (wire: Wire, answer = ''): Promise<void> => {
    const ends = (server.log.text().match(DONE) ?? []).length;
    wire.destroy();
    if (answer.includes(' OK ')) await server.waitLog(new RegExp(`(?:${DONE.source}[^]*){${ends + 1}}`));
  };
  return { server, backend, login, leave, open };
}

/** All that can be seen of a site whose server has ended. */
export interface Seen {
  readonly told: readonly unknown[];
  readonly errors: readonly string[];
  readonly accesses: readonly string[];
}

/** @returns what it was told */
export type Play = (site: AuthSite) => Promise<readonly unknown[]>;

/** Asks by sockets and in memory: it has to be the same. @returns what was seen */
export async function same(
  options: AuthSiteOptions | ((scope: Scope) => Promise<AuthSiteOptions>),
  play: Play,
): Promise<Seen> {
  const [bySocket, inMemory] = await Promise.all([observe('off', options, play), observe('on', options, play)]);
  assert.deepEqual(inMemory, bySocket);
  return bySocket;
}

/** Plays on a site of its own, which ends before this does. */
async function observe(
  loopback: Loopback,
  given: AuthSiteOptions | ((scope: Scope) => Promise<AuthSiteOptions>),
  play: Play,
): Promise<Seen> {
  const scope = new Cleanup();
  try {
    const options = typeof given === 'function' ? await given(scope) : given;
    const site = await startAuthSite(scope, loopback, options);
    const told = await play(site);
    await site.server.stop();
    const { dir, log } = site.server;
    const plain = (text: string): readonly string[] =>
      text.split('\n').map((line) => anonymous(line, site, options.hides ?? []));
    return {
      told,
      errors: plain(log.text()).filter((line) => !line.startsWith('[notice]')),
      accesses: plain(new LogFile(join(dir, 'access.log')).text()),
    };
  } finally {
    await scope.run();
  }
}

/** Without what differs from run to run: times, processes and ports. */
function anonymous(line: string, { server, backend }: AuthSite, hides: readonly string[]): string {
  return hides
    .reduce((text, hidden) => text.replaceAll(hidden, 'HIDDEN'), line)
    .replace(/^\d+\/\d+\/\d+ [\d:]+ (\[\w+\]) \d+#\d+:/, '$1')
    .replaceAll(server.dir, 'DIR')
    .replaceAll(String(server.at('imap').port), 'IMAP')
    .replaceAll(portOf(server, 'auth'), 'AUTH')
    .replaceAll(String(backend.port), 'BACKEND')
    .replace(/^(127\.0\.0\.1\|)[1-9]\d{4}\|/, '$1PORT|')
    .replace(/client (127[\d.]+):\d+ connected/, 'client $1:PORT connected');
}

function portOf(server: MailServer, name: string): string {
  try {
    return String(server.at(name).port);
  } catch {
    return 'none';
  }
}
