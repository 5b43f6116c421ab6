// A server under test with all that a long run needs around it: auth server, backends, and the load's process.
import assert from 'node:assert/strict';
import { serverCertificate } from '../support/certificate.ts';
import type { Scope } from '../support/cleanup.ts';
import { ownAddress } from '../support/ports.ts';
import { type MailServer, startServer } from '../support/server.ts';
import type { Protocol, Security } from './dialogues.ts';
import { type Load, startLoad } from './load.ts';
import { type MailServers, startMailServers } from './mail-servers.ts';
import type { Door } from './orders.ts';
import { becomesIdle, becomesTrue, openDescriptors } from './usage.ts';

export interface Arena {
  readonly server: MailServer;
  readonly servers: MailServers;
  readonly load: Load;
  /** One for each protocol. */
  doors(security: Security): readonly Door[];
  /** So many logins in all, by 50 clients at once; all have to succeed. The server is idle afterwards. */
  logIn(doors: readonly Door[], count: number): Promise<void>;
  /** Descriptors of the server when it had just started; once its sessions have gone it has to have as many again. */
  descriptorsReturn(): Promise<void>;
}

/** Clients that log in at the same time. */
const AT_ONCE = 50;
/** How long the server may keep connections of sessions that are over, in milliseconds. */
const LINGER_MS = 10_000;
const PROTOCOLS: readonly Protocol[] = ['imap', 'pop3', 'smtp'];
/** A reply so long that a client that reads none of them is soon stuck. */
const CAPABILITIES = Array.from({ length: 60 }, (_, i) => `X-CAPABILITY-NUMBER-${i}-OF-A-LONG-LIST`).join(' ');

/** Starts it all; everything ends with the scope. */
export async function startArena(scope: Scope): Promise<Arena> {
  const host = ownAddress();
  const servers = await startMailServers(scope, host);
  const blocks = PROTOCOLS.map(
    (protocol) => `
  server { listen @${protocol}@; protocol ${protocol}; starttls on; }
  server { listen @${protocol}-tls@ ssl; protocol ${protocol}; }`,
  );
  const server = await startServer(scope, {
    host,
    logLevel: 'error',
    config: `events { worker_connections 20000; }
mail {
  server_name mx.example.org;
  auth_http ${servers.auth.host}:${servers.auth.port}/auth;
  timeout 10m;
  xclient on;
  imap_capabilities IMAP4rev1 ${CAPABILITIES};
  smtp_capabilities ${CAPABILITIES};
  ssl_certificate ${serverCertificate.cert};
  ssl_certificate_key ${serverCertificate.key};${blocks.join('')}
}`,
  });
  await becomesIdle(server.pid); // it still opens and closes files
  const descriptors = openDescriptors(server.pid);
  const load = startLoad(scope);
  return {
    server,
    servers,
    load,
    logIn: async (doors, count) => {
      const answer = await load.order({ kind: 'log-in', doors, clients: AT_ONCE, times: count / AT_ONCE });
      assert.deepEqual(answer.failures, []);
      assert.equal(answer.good, count);
      await becomesIdle(server.pid);
    },
    descriptorsReturn: async () => {
      await becomesTrue(() => openDescriptors(server.pid) === descriptors, LINGER_MS);
      assert.equal(openDescriptors(server.pid), descriptors, 'descriptors stay open');
    },
    doors: (security) =>
      PROTOCOLS.map((protocol) => {
        const name = security === 'tls' ? `${protocol}-tls` : protocol;
        return { ...server.at(name), protocol, security };
      }),
  };
}
