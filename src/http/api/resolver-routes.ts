// The API about resolvers that have a name: what name servers were asked for, and what came of it.
import type { ResolverUser, ResolverZone } from '../../stats/registry.ts';
import { DNS_REQUESTS, DNS_RESPONSES, ResolverNumbers } from '../../stats/resolver-counters.ts';
import { byName, type JsonObject } from './json.ts';
import type { CountedCall, Route } from './route.ts';
import { zoneRoutes } from './zones.ts';

function show({ everything }: CountedCall, { key }: ResolverZone): JsonObject {
  const numbers = new ResolverNumbers(everything.total.blocks.get(key));
  return {
    requests: byName(DNS_REQUESTS, (what) => numbers.requests(what)),
    responses: byName(DNS_RESPONSES, (what) => numbers.responses(what)),
  };
}

/** @param user only those of that block */
export const resolverRoutes = (path: string, user?: ResolverUser): readonly Route[] =>
  zoneRoutes<ResolverZone>(path, {
    what: 'resolver',
    zones: ({ registry }) => registry.resolvers.filter(({ users }) => user === undefined || users.has(user)),
    show,
  });
