// A server under test with all that a long run needs around it: auth server, backends, and the load's process.

import { makeCertificate } from '../support/certificate.ts';
import type { Scope } from '../support/cleanup.ts';
import { ownAddress } from '../support/ports.ts';
import { type MailServer, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/tmp.ts';
import type { Protocol, Security } from './dialogues.ts';
import { type Load, startLoad } from './load.ts';
import { type MailServers, startMailServers } from './mail-servers.ts';
import type { Door } from './orders.ts';

export interface Arena {
  readonly server: MailServer;
  readonly servers: MailServers;
  readonly load: Load;
  /** One door for each protocol. */
  doors(security: Security): readonly Door[];
}

const PROTOCOLS: readonly Protocol[] = ['imap', 'pop3', 'smtp'];
/** So long that a client that reads no reply is soon stuck. */
const CAPABILITIES = Array.from({ length: 60 }, (_, i) => `X-CAPABILITY-NUMBER-${i}-OF-A-LONG-LIST`).join(' ');

/** Starts it all; everything ends with the scope. `withTls` adds doors by `listen ssl` and STARTTLS. */
export async function startArena(scope: Scope, withTls = false): Promise<Arena> {
  const host = ownAddress();
  const servers = await startMailServers(scope, host);
  const certificate = withTls ? await makeCertificate(temporaryFolder(scope, 'long')) : undefined;
  const tls = certificate && `ssl_certificate ${certificate.cert}; ssl_certificate_key ${certificate.key};`;
  const blocks = PROTOCOLS.flatMap((protocol) => [
    `server { listen @${protocol}@; protocol ${protocol}; ${tls === undefined ? '' : 'starttls on;'} }`,
    ...(tls === undefined ? [] : [`server { listen @${protocol}-tls@ ssl; protocol ${protocol}; }`]),
  ]);
  const server = await startServer(scope, {
    host,
    // Not more records than a busy installation has.
    logLevel: 'error',
    config: `events { worker_connections 20000; }
mail {
  server_name mx.example.org;
  auth_http ${servers.auth.host}:${servers.auth.port}/auth;
  timeout 10m;
  xclient on;
  imap_capabilities IMAP4rev1 ${CAPABILITIES};
  ${tls ?? ''}
  ${blocks.join('\n  ')}
}`,
  });
  return {
    server,
    servers,
    load: startLoad(scope),
    doors: (security) =>
      PROTOCOLS.map((protocol) => ({
        ...server.at(security === 'tls' ? `${protocol}-tls` : protocol),
        protocol,
        security,
      })),
  };
}
