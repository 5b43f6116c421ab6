// Two servers, left and right, with the same sites: what a client can reach of each, and what stands behind it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scope } from '../../support/cleanup.ts';
import { type BackendReply, type BackendRequest, ok, startHttpBackend } from '../../support/http-backend.ts';
import { LogFile } from '../../support/log-file.ts';
import { freePort, ownAddress } from '../../support/ports.ts';
import { startServer } from '../../support/server.ts';
import { temporaryFolder } from '../../support/tmp.ts';
import { type ArenaOptions, freeOnBoth } from '../arena.ts';
import { writeDocuments } from './documents.ts';
import { type FastcgiReply, startFastcgi } from './fastcgi-responder.ts';
import type { Site } from './site.ts';

/** What backends do and see while one case is played. */
export class Behind {
  answers: readonly BackendReply[] = [];
  fastcgi: readonly FastcgiReply[] = [];
  /** Requests as text, with the name of who got them. */
  readonly seen: string[] = [];
  #next = 0;
  #nextFastcgi = 0;

  restart(answers: readonly BackendReply[], fastcgi: readonly FastcgiReply[]): void {
    this.answers = answers;
    this.fastcgi = fastcgi;
    this.seen.length = 0;
    this.#next = 0;
    this.#nextFastcgi = 0;
  }

  answer(name: string, { line, fields, body }: BackendRequest): BackendReply {
    this.seen.push([`${name}: ${line}`, ...fields, '', body].join('\n'));
    const text = line.startsWith('HEAD ') ? '' : `${name} ${line.split(' ', 2).join(' ')}`;
    return this.answers[this.#next++] ?? ok(text, 'Content-Type: text/plain');
  }

  answerFastcgi(text: string): FastcgiReply {
    this.seen.push(`FCGI: ${text}`);
    return this.fastcgi[this.#nextFastcgi++] ?? `Content-Type: text/plain\r\n\r\n${text}`;
  }
}

/** One site on one side. */
export interface Ground {
  readonly host: string;
  readonly ports: ReadonlyMap<string, number>;
  /** Of the configuration and the relative paths in it. */
  readonly dir: string;
  readonly behind: Behind;
  readonly access: LogFile;
  readonly error: LogFile;
}

export interface GroundPair {
  readonly left: Ground;
  readonly right: Ground;
}

const PLACE = /@(LISTEN|LISTEN2|ANY|B\d|DEAD|FCGI)@/g;
const FORMAT =
  '$remote_addr [$remote_user] "$request" $status b=$body_bytes_sent "$http_referer" "$http_user_agent" ' +
  '$server_name $host $request_method $uri [$args] $request_completion';

/** Starts both servers with all sites of a suite, in their order. */
export async function startGrounds(scope: Scope, sites: readonly Site[], options: ArenaOptions): Promise<GroundPair[]> {
  const shared = temporaryFolder(scope, 'diff');
  writeDocuments(join(shared, 'docs'));
  const common: Map<string, number>[] = [];
  for (const site of sites) {
    const ports = new Map<string, number>();
    for (const [, name = ''] of `${site.http} ${site.conf}`.matchAll(PLACE)) {
      if (!ports.has(name) && name !== 'ANY') ports.set(name, await freeOnBoth());
    }
    if (!ports.has('LISTEN')) ports.set('LISTEN', await freeOnBoth());
    common.push(ports);
  }
  const make = async (side: 'left' | 'right'): Promise<Ground[]> => {
    const host = ownAddress(side === 'left' ? 0 : 1);
    const logs = join(shared, side);
    mkdirSync(logs);
    const grounds: Omit<Ground, 'dir'>[] = [];
    for (const [i, { http = '', conf }] of sites.entries()) {
      const ports = new Map(common[i]);
      if (`${http}${conf}`.includes('@ANY@')) ports.set('ANY', await freePort('0.0.0.0'));
      const behind = new Behind();
      await startBehind(scope, host, ports, behind);
      const log = (kind: string): LogFile => new LogFile(join(logs, `${i}.${kind}.log`));
      for (const kind of ['access', 'error']) writeFileSync(log(kind).path, '');
      grounds.push({ host, ports, behind, access: log('access'), error: log('error') });
    }
    const texts = sites.map((site, i) => siteText(site, grounds[i], join(shared, 'docs')));
    const planted = side === 'right' ? options.planted : undefined;
    const config = httpBlock(texts, planted);
    const server = await startServer(scope, { target: options[side], config, host, allow: /\[(?:alert|crit|emerg)\]/ });
    return grounds.map((ground) => ({ ...ground, dir: server.dir }));
  };
  const [left, right] = await Promise.all([make('left'), make('right')]);
  return left.map((ground, i) => ({ left: ground, right: right[i] ?? ground }));
}

async function startBehind(
  scope: Scope,
  host: string,
  ports: ReadonlyMap<string, number>,
  behind: Behind,
): Promise<void> {
  for (const [name, port] of ports) {
    if (name === 'FCGI') await startFastcgi(scope, (text) => behind.answerFastcgi(text), { host, port });
    if (/^B\d$/.test(name)) await startHttpBackend(scope, (request) => behind.answer(name, request), { host, port });
  }
}

/** `conf` may be servers, or what stands in the only one. */
const SERVER = /^\s*server\s*\{/m;
const SERVERS = new RegExp(SERVER, 'gm');

function siteText({ http = '', conf, ownLogs }: Site, ground: Omit<Ground, 'dir'> | undefined, docs: string): string {
  if (ground === undefined) return '';
  const servers = SERVER.test(conf) ? conf : `server { listen @LISTEN@; server_name a.test;\n${conf}\n}`;
  const logs = ownLogs ? '' : ' error_log @ERROR@ info; access_log @ACCESS@ diff;';
  const probe = ' location = /-probe- { access_log off; return 204; }';
  const whole = `${http}\n${servers.replaceAll(SERVERS, (head) => `${head}${logs}${probe}`)}`;
  return whole
    .replaceAll('@DOCS@', docs)
    .replaceAll('@ACCESS@', ground.access.path)
    .replaceAll('@ERROR@', ground.error.path)
    .replace(PLACE, (_all, name: string) => {
      const port = ground.ports.get(name);
      return name === 'ANY' ? String(port) : `${ground.host}:${port}`;
    });
}

const httpBlock = (texts: readonly string[], planted = ''): string => `http {
  log_format diff '${FORMAT}';
  client_body_temp_path @DIR@/body; proxy_temp_path @DIR@/proxy; fastcgi_temp_path @DIR@/fastcgi;
  lingering_timeout 500ms;
  ${planted}
${texts.join('\n')}
}`;
