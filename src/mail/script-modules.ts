// The modules that make variables: map, geo and split_clients.
import { geoDirective } from '../script/geo/directive.ts';
import { addressOf } from '../script/geo/network.ts';
import { mapDirectives, mapMain } from '../script/map/directive.ts';
import { splitClientsDirective } from '../script/split-clients/directive.ts';
import { defineMailModule } from './define.ts';
import { MAIL_SCRIPT } from './main-conf.ts';
import type { Session } from './session/session.ts';

/** They stand in the mail block alone. */
const NO_SERVER = { createSrvConf: () => undefined, mergeSrvConf: () => undefined } as const;

const geo = geoDirective<Session>(MAIL_SCRIPT, {
  values: ['default', 'ranges', 'delete', 'include'],
  client: () => ({ find: ({ client }) => addressOf(client?.address ?? '') }),
});

export const mapModule = defineMailModule({
  name: 'map',
  ...NO_SERVER,
  createMainConf: mapMain,
  mainDirectives: mapDirectives(MAIL_SCRIPT),
});

export const geoModule = defineMailModule({
  name: 'geo',
  ...NO_SERVER,
  createMainConf: () => undefined,
  mainDirectives: [geo],
});

export const splitClientsModule = defineMailModule({
  name: 'split_clients',
  ...NO_SERVER,
  createMainConf: () => undefined,
  mainDirectives: [splitClientsDirective(MAIL_SCRIPT)],
});
