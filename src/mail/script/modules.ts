// The modules that make variables: map, geo and split_clients.
import { geoDirective } from '../../script/geo/directive.ts';
import { mapDirectives, mapMain } from '../../script/map/directive.ts';
import { splitClientsDirective } from '../../script/split-clients/directive.ts';
import { defineMailModule } from '../define.ts';
import { makers } from './late.ts';

/** They stand in the mail block alone. */
const NO_SERVER = { createSrvConf: () => undefined, mergeSrvConf: () => undefined } as const;

export const mapModule = defineMailModule({
  name: 'map',
  ...NO_SERVER,
  createMainConf: mapMain,
  mainDirectives: mapDirectives('mail', (cf, words) => makers().readMap(cf, words)),
});

export const geoModule = defineMailModule({
  name: 'geo',
  ...NO_SERVER,
  createMainConf: () => undefined,
  mainDirectives: [
    geoDirective('mail', ['default', 'ranges', 'delete', 'include'], (cf, words) => makers().readGeo(cf, words)),
  ],
});

export const splitClientsModule = defineMailModule({
  name: 'split_clients',
  ...NO_SERVER,
  createMainConf: () => undefined,
  mainDirectives: [splitClientsDirective('mail', (cf, words) => makers().readSplit(cf, words))],
});
