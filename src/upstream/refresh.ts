// Looks the names of an upstream up anew that say `resolve`.
import type { ByteString } from '../conf/directive.ts';
import type { SocketAddress } from '../core/address.ts';
import type { ResolverSpec } from '../core/resolver-directive.ts';
import type { UpstreamGroup } from './group.ts';
import type { GroupServer } from './group-server.ts';

/** @returns undefined: there are none; why is in the log */
export type LookUp = (
  resolver: ResolverSpec,
  host: ByteString,
  port: number,
  timeoutMs: number,
) => Promise<readonly SocketAddress[] | undefined>;

/** With addresses that are known, nobody waits longer for new ones. */
const PATIENCE_MS = 1000;

/**
 * What is known stays where a look-up fails.
 * @param timeoutMs where the upstream says none
 */
export async function refreshGroup<S>(group: UpstreamGroup<S>, timeoutMs: number, lookUp: LookUp): Promise<void> {
  const { resolver } = group.lookup;
  if (resolver === undefined) return;
  const limit = group.lookup.timeoutMs ?? timeoutMs;
  const look = async (server: GroupServer): Promise<void> => {
    if (server.resolve === undefined || !server.mayLookUp(Date.now())) return;
    const { host, port } = server.resolve;
    const { isKnown } = server;
    const addresses = await lookUp(resolver, host, port, isKnown ? Math.min(limit, PATIENCE_MS) : limit);
    if (addresses !== undefined) group.update(server, addresses);
    else if (isKnown) server.retryMs = Date.now() + Math.max(limit, PATIENCE_MS);
  };
  await Promise.all(group.dynamic.map(look));
}
