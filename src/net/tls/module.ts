// What all servers of a configuration share for the resumption of TLS sessions, those of mail and of http.
import { defineCoreModule } from '../../module/core-module.ts';
import { SessionZones } from './session-zones.ts';

/** Its struct is there from the beginning, for the merges of every block. */
export const tlsModule = defineCoreModule<SessionZones, SessionZones>({
  name: 'tls sessions',
  directives: [],
  createConf: () => new SessionZones(),
  initConf: (zones) => zones,
});
