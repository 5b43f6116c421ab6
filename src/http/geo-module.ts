// The geo module: variables whose values depend on an address.
import { geoDirective } from '../script/geo/directive.ts';
import { defineHttpModule } from './define.ts';
import { ForwardedClient } from './forwarded-client.ts';
import { HTTP_SCRIPT } from './main-conf.ts';

const geo = geoDirective(HTTP_SCRIPT, {
  values: ['default', 'ranges', 'proxy', 'proxy_recursive', 'delete', 'include'],
  client: () => new ForwardedClient(),
});

export const geoModule = defineHttpModule({
  name: 'geo',
  main: { create: () => undefined, directives: [geo] },
});
