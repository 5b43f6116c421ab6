// The geo module: variables whose values depend on an address.
import { geoDirective } from '../../script/geo/directive.ts';
import { readGeo } from '../../script/geo/read.ts';
import { defineHttpModule } from '../define.ts';
import { HTTP_SCRIPT } from '../main-conf.ts';
import { ForwardedClient } from './forwarded-client.ts';

const VALUES = ['default', 'ranges', 'proxy', 'proxy_recursive', 'delete', 'include'];

export const geoModule = defineHttpModule({
  name: 'geo',
  main: {
    create: () => undefined,
    directives: [geoDirective('http', VALUES, (cf, words) => readGeo(HTTP_SCRIPT, new ForwardedClient(), cf, words))],
  },
});
