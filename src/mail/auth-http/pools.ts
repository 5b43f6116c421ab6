// The kept connections of a worker: mail servers that ask the same auth server in the same way share them.
import type { ConnectionBudget } from '../../core/connection-budget.ts';
import type { ClientTls } from '../../net/tls/client-context.ts';
import type { MailGroup } from '../upstream/context.ts';
import { KeptConnections } from './kept-connections.ts';
import type { AuthHttpConf } from './module.ts';

interface Pool {
  readonly key: string;
  /** What was found good by other rules is nothing to go by. */
  readonly tls: ClientTls | undefined;
  /** undefined: one server alone. */
  readonly servers: MailGroup | undefined;
  readonly kept: KeptConnections;
}

export class AuthPools {
  readonly #connections: ConnectionBudget;
  readonly #pools: Pool[] = [];

  constructor(connections: ConnectionBudget) {
    this.#connections = connections;
  }

  /** Each server may have its own limit. @returns undefined: none are kept */
  of({ group, text, tls, keepalive, loopback }: AuthHttpConf): KeptConnections | undefined {
    if (keepalive === 0) return undefined;
    const key = `${keepalive} ${loopback} ${text} ${tls?.sendsName} ${tls?.name}`;
    const servers = group?.servers;
    const known = this.#pools.find((pool) => pool.key === key && pool.tls === tls?.tls && pool.servers === servers);
    if (known !== undefined) return known.kept;
    const kept = new KeptConnections(keepalive, this.#connections);
    this.#pools.push({ key, tls: tls?.tls, servers, kept });
    return kept;
  }

  /** No more questions come. */
  close(): void {
    for (const { kept } of this.#pools) kept.close();
  }
}
