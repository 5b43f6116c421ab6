// Routes of things that are counted by name: all of them, one, and a new beginning for its counters.
import type { ByteString } from '../../conf/directive.ts';
import { nameText } from '../../stats/name-text.ts';
import type { JsonObject } from './json.ts';
import {
  type ApiCall,
  type ApiHandler,
  type CountedCall,
  counted,
  NOTHING,
  named,
  notFound,
  type Route,
  value,
} from './route.ts';

interface Counted {
  readonly name: ByteString;
  /** Of its block of counters. */
  readonly key: string;
}

export interface ZoneKind<Z extends Counted> {
  /** As an error says it: `server`, whose code is `ServerZoneNotFound`. */
  readonly what: string;
  zones(call: ApiCall): readonly Z[];
  show(call: CountedCall, zone: Z): JsonObject;
}

export function zoneRoutes<Z extends Counted>(path: string, { what, zones, show }: ZoneKind<Z>): readonly Route[] {
  const code = `${what.slice(0, 1).toUpperCase()}${what.slice(1)}ZoneNotFound`;
  const all = counted((call) =>
    named(Object.fromEntries(zones(call).map((zone) => [nameText(zone.name), show(call, zone)]))),
  );
  const one =
    (answer: (call: ApiCall, zone: Z) => ReturnType<ApiHandler>): ApiHandler =>
    (call) => {
      const zone = zones(call).find(({ name }) => name === call.names[0]);
      return zone === undefined ? notFound(`${what} zone not found`, code) : answer(call, zone);
    };
  const reset = one(async ({ control }, { key }) => {
    await control.ask({ kind: 'reset-counts', block: key });
    return NOTHING;
  });
  return [
    { path, methods: { GET: all } },
    {
      path: `${path}/*zone`,
      methods: { GET: one((call, zone) => counted((it) => value(show(it, zone)))(call)), DELETE: reset },
    },
  ];
}
