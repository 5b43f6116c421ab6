// The API about http servers and locations that have a status_zone: their requests, in the shape of NGINX Plus.
import type { RequestPlace, RequestZone } from '../../stats/registry.ts';
import { CLASSES, COUNTED_CODES, RequestNumbers } from '../../stats/request-counters.ts';
import type { JsonObject } from './json.ts';
import type { CountedCall, Route } from './route.ts';
import { zoneRoutes } from './zones.ts';

function show({ everything }: CountedCall, { key, place }: RequestZone): JsonObject {
  const numbers = new RequestNumbers(everything.total.blocks.get(key));
  const codes = COUNTED_CODES.filter((code) => numbers.ofCode(code) > 0);
  return {
    ...(place === 'server' ? { processing: numbers.processing } : {}),
    requests: numbers.requests,
    responses: {
      ...Object.fromEntries(CLASSES.map((first) => [`${first}xx`, numbers.ofClass(first)])),
      codes: Object.fromEntries(codes.map((code) => [String(code), numbers.ofCode(code)])),
      total: CLASSES.reduce((all, first) => all + numbers.ofClass(first), 0),
    },
    discarded: numbers.discarded,
    received: numbers.received,
    sent: numbers.sent,
  };
}

const routesOf = (place: RequestPlace): readonly Route[] =>
  zoneRoutes<RequestZone>(`/http/${place}_zones`, {
    what: place,
    zones: ({ registry }) => registry.requestZones.filter((zone) => zone.place === place),
    show,
  });

export const requestRoutes: readonly Route[] = [...routesOf('server'), ...routesOf('location')];
