// A server that is compared: nginx or Postern on the same configuration, and what it uses.
import { processorTime, processTree, residentMemory } from '../long/usage.ts';
import { serverCertificate } from '../support/certificate.ts';
import type { Scope } from '../support/cleanup.ts';
import { cpuMs } from '../support/cpu-time.ts';
import { endsWithAll, masterTarget } from '../support/master.ts';
import { until } from '../support/processes.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { nginx, postern, type Target } from '../support/target.ts';
import { pem } from '../support/tls.ts';
import type { Bench, Places } from './bench.ts';
import type { Name, Protocol } from './rows.ts';

export interface Contestant {
  readonly name: Name;
  readonly target: Target;
  /** Further directives of the mail context. */
  readonly directives: string;
  /** Its own http block is the auth service; it knows the backend for IMAP only. */
  readonly ownAuth?: boolean;
  /** Further blocks, with placeholders. */
  readonly blocks?: string;
}

export const POSTERN: Contestant = { name: 'postern', target: postern, directives: '' };
export const NGINX: Contestant = { name: 'nginx', target: nginx, directives: '' };
export const NGINX_64K: Contestant = { name: 'nginx-64k', target: nginx, directives: 'proxy_buffer 64k;' };
/** What Postern has to spare round trips. */
export const TUNED: Contestant = {
  name: 'postern',
  target: postern,
  directives: 'auth_http_keepalive 32; auth_http_version 1.1; proxy_imap_login quoted;',
};

export const OWN_AUTH: Contestant = { ...POSTERN, ownAuth: true };
export const OWN_AUTH_BY_SOCKET: Contestant = { ...OWN_AUTH, directives: 'auth_http_loopback off;' };
export const NGINX_OWN_AUTH: Contestant = { ...NGINX, ownAuth: true };

/** Without those that are not installed. */
export function present(...contestants: readonly Contestant[]): readonly Contestant[] {
  return contestants.filter(({ target }) => target.missing() === undefined);
}

/** Where clients come in. */
export interface Door {
  readonly host: string;
  readonly port: number;
  readonly protocol: Protocol;
  /** The version that the client speaks; undefined: none. */
  readonly tls?: '1.2' | '1.3';
}

export const FILES = { 'rsa.pem': pem('server-rsa.pem'), 'rsa.key': pem('server-rsa.key') };

/** The configuration, with the placeholders of startServer. */
export function configuration(
  places: Places,
  { directives, ownAuth = false, blocks = '' }: Contestant,
  workers = 1,
): string {
  const { host, auth } = places;
  const { cert, key } = serverCertificate;
  return `worker_processes ${workers};
worker_rlimit_nofile 16384;
events { worker_connections 16000; }
mail {
  server_name mx.example.org;
  auth_http ${ownAuth ? '@auth@' : `${host}:${auth}`}/auth;
  timeout 10m;
  ssl_protocols TLSv1.2 TLSv1.3;
  ${directives}
  server { listen @imap@; protocol imap; }
  server { listen @pop3@; protocol pop3; }
  server { listen @smtp@; protocol smtp; smtp_auth plain login; }
  server { listen @rsa@ ssl; protocol imap; ssl_certificate @DIR@/rsa.pem; ssl_certificate_key @DIR@/rsa.key; }
  server { listen @ec@ ssl; protocol imap; ssl_certificate ${cert}; ssl_certificate_key ${key}; }
}
${ownAuth ? authBlock(places) : ''}${blocks}`;
}

const authBlock = ({ host, imap }: Places): string => `http {
  access_log off;
  server {
    listen @auth@;
    location = /auth {
      add_header Auth-Status OK;
      add_header Auth-Server ${host};
      add_header Auth-Port ${imap};
      return 204;
    }
  }
}`;

/** An interval in which no work may show, and how long to wait for it. */
const QUIET_MS = 20;
const SETTLES_MS = 3000;

export class MailProxy {
  readonly name: Name;
  readonly server: MailServer;

  private constructor(name: Name, server: MailServer) {
    this.name = name;
    this.server = server;
  }

  /** A master with workers, in the foreground; it ends with the scope. */
  static async start(
    scope: Scope,
    { places, halt }: Bench,
    contestant: Contestant,
    { workers = 1, logLevel = 'error' } = {},
  ): Promise<MailProxy> {
    halt.check();
    const server = await startServer(scope, {
      target: masterTarget(contestant.target),
      host: places.host,
      config: configuration(places, contestant, workers),
      files: FILES,
      logLevel,
      allow: /open socket|aborting/,
    });
    endsWithAll(scope, server);
    // The pid file is there before the workers are.
    await until(() => processTree(server.pid).length === 1 + workers, 'the workers');
    return new MailProxy(contestant.name, server);
  }

  door(listener: Protocol | 'rsa' | 'ec', tls?: Door['tls']): Door {
    const protocol = listener === 'rsa' || listener === 'ec' ? 'imap' : listener;
    return { ...this.server.at(listener), protocol, ...(tls === undefined ? {} : { tls }) };
  }

  /** Of master and workers so far, in milliseconds. */
  cpuMs(): number {
    return processorTime(this.server.pid);
  }

  /** Of each worker so far. */
  workersMs(): readonly number[] {
    return processTree(this.server.pid).slice(1).map(cpuMs);
  }

  /**
   * In bytes. `Pss`: what master and worker share counts once; `Rss` does not depend on who else has the same files in
   * memory.
   */
  memory(kind: 'Pss' | 'Rss' = 'Pss'): number {
    return residentMemory(this.server.pid, kind);
  }

  /** Waits until what the load left is done. */
  async settles(): Promise<void> {
    const end = performance.now() + SETTLES_MS;
    let last = -1;
    let since = performance.now();
    await until(() => {
      const now = performance.now();
      const used = this.cpuMs();
      if (used !== last) since = now;
      last = used;
      return now - since >= QUIET_MS || now > end;
    }, 'the end of the work');
  }
}
