// Looks the names of an upstream up anew that say `resolve`.
import type { ByteString } from '../conf/directive.ts';
import type { SocketAddress } from '../core/address.ts';
import type { ResolverSpec } from '../core/resolver-directive.ts';
import type { ServerLine, UpstreamGroup } from './group.ts';

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
  const look = async (line: ServerLine): Promise<void> => {
    if (line.resolve === undefined || !group.mayLookUp(line, Date.now())) return;
    const { host, port } = line.resolve;
    const isKnown = group.knows(line);
    const addresses = await lookUp(resolver, host, port, isKnown ? Math.min(limit, PATIENCE_MS) : limit);
    if (addresses !== undefined) group.update(line, addresses);
    else if (isKnown) group.lookUpLater(line, Date.now() + Math.max(limit, PATIENCE_MS));
  };
  await Promise.all(group.dynamic.map(look));
}
