// What tests of the mail layer stand on: a log that is read back, servers made of configuration text, sessions in memory.
import assert from 'node:assert/strict';
import { Store } from '../../../src/conf/store.ts';
import { ConnectionBudget } from '../../../src/core/connection-budget.ts';
import { Level, Log } from '../../../src/core/log.ts';
import { AuthZone } from '../../../src/mail/auth-cache/auth-cache.ts';
import type { AuthHttpConf } from '../../../src/mail/auth-http/module.ts';
import { MAIL_BLOCK } from '../../../src/mail/block.ts';
import { BufferPool } from '../../../src/mail/command/buffer-pool.ts';
import { type Lent, type MailServer, mailServer } from '../../../src/mail/server.ts';
import { Session, type SessionSetup } from '../../../src/mail/session/session.ts';
import { buildCycle } from '../../../src/module/cycle.ts';
import { modules } from '../../../src/modules.ts';
import { IGNORE } from '../../../src/net/connection.ts';
import { StreamConnection } from '../../../src/net/stream-connection.ts';
import { streamTransport } from '../../../src/net/stream-transport.ts';
import { MemoryEnvironment, type MemoryEnvironmentOptions } from '../../support/memory-environment.ts';
import { MemoryStream } from '../net/memory-stream.ts';

const RECORD = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (\[\w+\]) \d+#0: (.*)\n$/s;

/** Records without their time and process. */
export class Recording {
  readonly lines: string[] = [];
  readonly log: Log;

  constructor(level: Level = Level.info) {
    const write = (record: Buffer): void => {
      const [, name, text] = RECORD.exec(record.toString('latin1')) ?? [];
      this.lines.push(`${name} ${text}`);
    };
    this.log = new Log([{ sink: { write }, level }]);
  }
}

/** The stores of the servers in the text of a mail block. */
export function serverStores(text: string, env: MemoryEnvironmentOptions = {}): readonly Store[] {
  const files = { ...env.files, '/p/nginx.conf': `events {} mail { ${text} }` };
  const cycle = buildCycle({ modules, env: new MemoryEnvironment({ ...env, files }), file: '/p/nginx.conf' });
  cycle.init();
  return cycle.store.get(MAIL_BLOCK).servers.map(({ store }) => store);
}

/** The first server in the text of a mail block. */
export function serverFrom(text: string, log = new Recording().log): MailServer {
  const [store] = serverStores(text);
  assert.ok(store !== undefined);
  return mailServer(store, lent(log));
}

const authZone: Lent['authZone'] = ({ zone }) => new AuthZone(zone.bytes);

/** For a server without a resolver, that keeps no connections. */
export function lent(log: Log): Lent {
  const resolverOf = (): never => assert.fail('no name is looked up');
  return { log, resolver: undefined, resolverOf, pool: new BufferPool(), authConnections: () => undefined, authZone };
}

export function authServerOf({ authHttp }: MailServer): AuthHttpConf {
  assert.ok(authHttp !== undefined);
  return authHttp;
}

export interface Stage {
  readonly session: Session;
  readonly conn: StreamConnection;
  readonly stream: MemoryStream;
  readonly recording: Recording;
}

/** A session of 192.0.2.1 that came in by 127.0.0.1:143. */
export function stage(setup: Partial<SessionSetup> = {}, stream = new MemoryStream()): Stage {
  const recording = new Recording();
  stream.pause();
  const conn = new StreamConnection(stream, IGNORE);
  const session = new Session({
    connection: 1,
    conn,
    transport: streamTransport,
    store: new Store(),
    log: recording.log,
    protocol: 'imap',
    serverName: 'mx.example.org',
    starttls: 'off',
    listenText: '127.0.0.1:143',
    client: { address: '192.0.2.1', port: 50001 },
    local: { address: '127.0.0.1', port: 143 },
    resolver: undefined,
    resolverTimeoutMs: 1000,
    connections: new ConnectionBudget({ limit: 1000, log: recording.log, delayMs: 500 }),
    ...setup,
  });
  return { session, conn, stream, recording };
}

/** The log's suffix of the sessions of `stage`. */
export const CLIENT = ', client: 192.0.2.1, server: 127.0.0.1:143';

export const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Whether every byte of a buffer is zero. */
export const isZero = (data: Uint8Array): boolean => data.every((byte) => byte === 0);
