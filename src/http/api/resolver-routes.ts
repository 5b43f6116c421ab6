// The API about resolvers that have a name: what name servers were asked for, and what came of it.
import { nameText } from '../../stats/name-text.ts';
import type { ResolverUser, ResolverZone } from '../../stats/registry.ts';
import { DNS_REQUESTS, DNS_RESPONSES, ResolverNumbers } from '../../stats/resolver-counters.ts';
import { byName, type JsonObject } from './json.ts';
import { resetCounts } from './reset.ts';
import { type ApiCall, type ApiHandler, named, notFound, type Route, value } from './route.ts';

function zoneOf({ everything }: ApiCall, { key }: ResolverZone): JsonObject {
  const numbers = new ResolverNumbers(everything.total.blocks.get(key));
  return {
    requests: byName(DNS_REQUESTS, (what) => numbers.requests(what)),
    responses: byName(DNS_RESPONSES, (what) => numbers.responses(what)),
  };
}

/** @param user only those of that block */
export function resolverRoutes(path: string, user?: ResolverUser): readonly Route[] {
  const zonesOf = ({ registry }: ApiCall): readonly ResolverZone[] =>
    registry.resolvers.filter(({ users }) => user === undefined || users.has(user));
  const all: ApiHandler = (call) =>
    named(Object.fromEntries(zonesOf(call).map((zone) => [nameText(zone.name), zoneOf(call, zone)])));
  const one =
    (answer: (call: ApiCall, zone: ResolverZone) => ReturnType<ApiHandler>): ApiHandler =>
    (call) => {
      const zone = zonesOf(call).find(({ name }) => name === call.names[0]);
      return zone === undefined ? notFound('resolver zone not found', 'ResolverZoneNotFound') : answer(call, zone);
    };
  return [
    { path, methods: { GET: all } },
    {
      path: `${path}/*zone`,
      methods: {
        GET: one((call, zone) => value(zoneOf(call, zone))),
        DELETE: one((call, { key }) => resetCounts(call, key)),
      },
    },
  ];
}
